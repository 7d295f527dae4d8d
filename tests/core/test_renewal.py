"""Whatever the sizes and whatever fails, a rolling update ends, and keeps what it has promised.

``HYPOTHESIS_PROFILE=search pytest tests/core/test_renewal.py`` looks at many more schedules.
"""
from __future__ import annotations

import random
from dataclasses import replace

from hypothesis import event, given
from hypothesis import strategies as st

from autoscale.core.group import RENEWED, Group
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.renewal import RollingUpdate, UpdatePolicy
from tests.core.examples import NOW
from tests.core.model import FAULTS, Cloud, Loop

ENOUGH = 400
"""Cycles of 20 s: a batch takes five, a pause three."""

POLICIES = st.builds(UpdatePolicy, st.integers(0, 7), st.integers(1, 7),
                     st.sampled_from([0, 0, 10, 60]), st.just(1000))


@st.composite
def outdated_groups(draw):
    """A converged group of an earlier launch configuration, and a wish to renew it that can be
    granted."""
    desired = draw(st.integers(0, 6))
    policy = draw(POLICIES)
    most = draw(st.integers(max(1, desired), 10))
    if most <= min(policy.min_instances_in_service, desired):
        policy = replace(policy, min_instances_in_service=most - 1)
    group = Group(
        name="web", min_nodes=0, max_nodes=most, vm_image_id="old", vm_size_id="2",
        domain="example.com", desired_nodes=desired, build_timeout=300,
        drain_timeout=draw(st.sampled_from([0, 0, 60])),
        deletion_policy=draw(st.sampled_from(["oldest_launch_configuration", "newest"])))
    loop = Loop(group, Cloud(NOW))
    loop.settle(30)
    loop.group = replace(loop.group, vm_image_id="new",
                         rolling_update=RollingUpdate(loop.cloud.now, policy))
    return loop


def in_service(cloud):
    """Servers that are up and that the load balancer sends requests to."""
    enabled = {node.address for node in cloud.balancer.nodes if node.condition == "ENABLED"}
    return {server.id for server in cloud.live("web")
            if server.state == "ACTIVE" and not server.leaving and server.private in enabled}


class Watch:
    """What must hold after every single step, as long as nothing breaks nodes that serve."""

    def __init__(self, loop):
        self.loop = loop
        self.floor = min(loop.group.desired,
                         loop.group.rolling_update.policy.min_instances_in_service)

    def __call__(self):
        group, cloud = self.loop.group, self.loop.cloud
        self.floor = min(self.floor, group.desired)
        assert len(cloud.live("web")) <= group.max_nodes
        assert len(in_service(cloud)) >= self.floor


def is_renewed(loop):
    marks = {server.metadata[LAUNCH_MARK] for server in loop.cloud.live("web")}
    return marks <= {launch_mark(loop.group)}


@given(outdated_groups(), st.lists(st.sampled_from(["", *FAULTS]), max_size=25),
       st.integers(0, 10**6))
def test_all_are_renewed_and_enough_serve_at_every_moment(loop, faults, seed):
    loop.faults, loop.check = faults, Watch(loop)
    chance = random.Random(seed)
    for _ in range(5):
        loop.cycle(lambda steps: chance.sample(steps, len(steps)))
    event(f"cycles: {loop.settle(ENOUGH) // 20 * 20} and more")
    assert is_renewed(loop)
    assert loop.group.rolling_progress.state == "done"
    assert len(in_service(loop.cloud)) == loop.group.desired
    assert loop.cycle().steps == ()


@given(outdated_groups(), st.lists(st.integers(0, 8), max_size=4), POLICIES)
def test_wishes_that_change_on_the_way_are_honoured(loop, wishes, other):
    loop.check = Watch(loop)
    for desired in wishes:
        for _ in range(3):
            loop.cycle()
        loop.group = replace(loop.group, desired_nodes=desired)
    again = replace(other, min_instances_in_service=0)
    loop.check.floor = 0
    loop.group = replace(loop.group, rolling_update=RollingUpdate(loop.cloud.now + 1, again))
    loop.settle(ENOUGH)
    assert is_renewed(loop)
    assert len(in_service(loop.cloud)) == loop.group.desired


@given(outdated_groups(), st.integers(0, 10**6))
def test_where_servers_are_lost_nobody_is_taken_that_is_needed(loop, seed):
    """Each plan sends away only so many of those that serve that enough are left."""
    chance = random.Random(seed)
    policy = loop.group.rolling_update.policy
    for _ in range(15):
        if chance.random() < 0.3 and loop.cloud.live("web"):
            loop.cloud.lose(chance.choice(loop.cloud.live("web")).id)
        before, serving = loop.group.leaving, in_service(loop.cloud)
        leaving = loop.cycle().learned["leaving"]
        taken = {server for server, one in leaving.items()
                 if one.why == RENEWED and server not in before} & serving
        left = serving - set(leaving)
        assert not taken or len(left) >= min(policy.min_instances_in_service, loop.group.desired)
    loop.settle(ENOUGH)
    assert is_renewed(loop)


@given(outdated_groups(), st.integers(0, 12))
def test_one_that_is_cancelled_leaves_a_group_as_desired(loop, cycles):
    loop.check = Watch(loop)
    for _ in range(cycles):
        loop.cycle()
    wish = replace(loop.group.rolling_update, cancelled=True)
    loop.group = replace(loop.group, rolling_update=wish)
    loop.settle(ENOUGH)
    assert loop.group.rolling_progress.state in ("cancelled", "done")
    assert len(in_service(loop.cloud)) == loop.group.desired
    assert loop.cycle().converged


@given(outdated_groups(), st.integers(1, 4))
def test_it_stops_when_new_nodes_break_and_old_ones_stay_as_promised(loop, most):
    """Every new server ends in ERROR: no more old ones go than batches that were begun allow."""
    if not loop.group.desired:
        return
    policy = replace(loop.group.rolling_update.policy, max_failures=most)
    loop.group = replace(loop.group, rolling_update=RollingUpdate(loop.cloud.now, policy))
    loop.check = Watch(loop)
    before = len(in_service(loop.cloud))
    loop.faults = []
    for _ in range(60):
        loop.faults = ["broken"] * 60
        loop.cycle()
    assert loop.group.rolling_progress.state == "stopped"
    assert len(in_service(loop.cloud)) >= before - policy.max_batch_size
    assert "was stopped after" in " ".join(loop.plans[-1].problems)
