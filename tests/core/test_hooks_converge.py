"""Whatever hooks do, the loop ends where it should: nobody goes before the hook has ended, and
nothing waits for ever."""
from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.hooks import (
    ABANDON,
    AFTER_CREATE,
    AFTER_TERMINATE,
    BEFORE_TERMINATE,
    CONFIGURE,
    CONTINUE,
    POINTS,
    SELECT_VICTIMS,
    Hook,
    HookRun,
)
from tests.core.examples import GROUP, NOW, planned, seen
from tests.core.model import CYCLE_SECONDS, FAULTS, Loop
from tests.core.test_convergence import Watch, assert_as_desired, worlds

HOOK_FAULTS = ("", "fails", "hangs", "lost", "not marked")
ENOUGH = 150
"""Cycles of 20 s: a run that is lost is asked for three times, each after 120 s."""


@st.composite
def hooks(draw):
    points = draw(st.sets(st.sampled_from(list(POINTS)), min_size=1))
    return {point: Hook("pack.action", timeout=100, attempts=draw(st.integers(1, 3)),
                        default=draw(st.sampled_from([CONTINUE, ABANDON]))
                        if point == CONFIGURE else CONTINUE) for point in points}


def left(loop):
    """Runs and results that are still kept; a profile may be known by its run alone, and a server
    that is left alone is not ready to be told of."""
    runs = {name: run for name, run in loop.group.hook_runs.items()
            if run.point != CONFIGURE and run.since}
    return runs, {name: one for name, one in loop.group.hook_results.items()
                  if not name.startswith(CONFIGURE)}


@given(worlds(), hooks(), st.lists(st.sampled_from(["", *FAULTS]), max_size=10),
       st.lists(st.sampled_from(HOOK_FAULTS), max_size=10), st.integers(0, 10**6))
def test_whatever_hooks_do_the_group_ends_as_desired_and_nobody_goes_too_early(
        world, given_hooks, faults, hook_faults, seed):
    group, cloud = world
    group = replace(group, hooks=given_hooks)
    loop = Loop(group, cloud, Watch(group, cloud), faults, hook_faults)
    chance = random.Random(seed)
    for _ in range(4):
        loop.cycle(lambda steps: chance.sample(steps, len(steps)))
        loop.group = replace(loop.group, desired_nodes=chance.randrange(7))
    loop.settle(ENOUGH)
    assert_as_desired(loop.group, cloud)
    for _ in range(10):  # notifications that are left
        loop.cycle()
    assert loop.cycle().converged
    assert left(loop) == ({}, {})


@given(worlds(), hooks(), st.lists(st.sampled_from(HOOK_FAULTS), max_size=10))
def test_a_group_with_hooks_can_be_deleted_whatever_they_do(world, given_hooks, hook_faults):
    group, cloud = world
    group = replace(group, hooks=given_hooks, deleted=True)
    loop = Loop(group, cloud, Watch(group, cloud), hook_faults=hook_faults)
    loop.settle(ENOUGH)
    assert cloud.live("web") == []


@given(worlds(), st.lists(st.sampled_from(HOOK_FAULTS), max_size=10))
def test_who_stays_is_there_beside_as_many_as_desired_and_serves(world, hook_faults):
    group, cloud = world
    group = replace(group, drain_timeout=0, evict=(), leaving={}, max_nodes=20, hooks={
        BEFORE_TERMINATE: Hook("pack.action", timeout=100, default=ABANDON)})
    loop = Loop(group, cloud, Watch(group, cloud), hook_faults=hook_faults)
    loop.settle(ENOUGH)
    staying = {server for server, one in loop.group.leaving.items() if one.stays}
    ours = {server.id: server for server in cloud.live("web")}
    assert staying <= set(ours)
    assert len(ours) - len(staying) == loop.group.desired
    addresses = {node.address for node in cloud.balancer.nodes}
    assert {ours[s].address(group.node_network) for s in staying
            if ours[s].state == "ACTIVE"} <= addresses


@given(worlds(), st.sampled_from([CONFIGURE, BEFORE_TERMINATE, SELECT_VICTIMS, AFTER_CREATE,
                                  AFTER_TERMINATE]))
def test_no_run_is_asked_for_twice_while_it_is_under_way(world, point):
    group, cloud = world
    group = replace(group, hooks={point: Hook("pack.action", timeout=100, default=CONTINUE)})
    loop = Loop(group, cloud, hook_faults=["hangs"] * 100)
    asked: dict[str, int] = {}
    for _ in range(12):
        before = loop.cloud.now
        for run in loop.cycle().hooks:
            assert before - asked.get(run, -1000) >= 100 - CYCLE_SECONDS
            asked[run] = before


@pytest.mark.parametrize("attempts", [1, 2, 3])
def test_a_profile_that_always_fails_costs_so_many_nodes_and_no_more(attempts):
    from tests.core.examples import GROUP
    from tests.core.model import Cloud

    group = replace(GROUP, desired_nodes=1, loadbalancer_id="", dns_zone_id="", hooks={
        CONFIGURE: Hook("pack.action", attempts=attempts)})
    loop = Loop(group, Cloud(1_700_000_000), hook_faults=["fails"] * 1000)
    for _ in range(80):
        loop.cycle()
    made = {step.name for plan in loop.plans for step in plan.steps
            if type(step).__name__ == "CreateServer"}
    assert len(made) == attempts
    assert len(loop.cloud.live("web")) == 1
    assert "it fails" in loop.plans[-1].problems[0]


def test_a_run_whose_server_is_gone_is_not_asked_for_once_more():
    run = HookRun("configure", NOW - 200, "s1", "web-1")
    wished = replace(GROUP, hooks={"configure": Hook("chef.run")},
                     hook_runs={"configure.s1": run}, desired_nodes=0, min_nodes=0)
    answer = planned(wished, seen())
    assert answer.hooks == ()
    assert answer.learned["hook_runs"] == {}
