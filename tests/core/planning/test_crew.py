"""What a rolling update makes of nodes that others have a say about."""
from __future__ import annotations

from dataclasses import replace

import pytest

from autoscale.core import verdict
from autoscale.core.checks import Check, HealthCheck, mark
from autoscale.core.group import RENEWED, SURPLUS, Departure
from autoscale.core.hooks import Hook
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.renewal import DONE, RollingProgress, RollingUpdate, UpdatePolicy
from autoscale.core.units import Role
from tests.core.examples import NOW, balancer, done, group, members, node, planned, seen, server


def test_an_update_ends_although_a_hook_has_kept_one_of_its_batch():
    """Nobody waits for a node to go that stays."""
    marked = {"asg": "web", LAUNCH_MARK: launch_mark(group())}
    there = [server(1), *(server(number, metadata=marked) for number in (2, 3, 4))]
    of = group(
        members=members(*there), rolling_update=RollingUpdate(NOW - 500),
        leaving={"s1": Departure(NOW - 400, final=False, why=RENEWED, stays=True)},
        rolling_progress=RollingProgress(NOW - 500, total=3, renewed=2, batches=3, batch=("s1",)))
    answer = planned(of, seen(*there))
    progress = answer.learned["rolling_progress"]
    assert (progress.state, progress.batch) == (DONE, ())
    assert "web-1" in progress.reason
    assert answer.learned["leaving"] == of.leaving, "and it goes on staying"


def test_an_update_does_not_wait_for_surplus_that_a_hook_has_kept():
    """It is there to stay, and drains no more: a wish for more takes nobody back."""
    there = [server(number, metadata={"asg": "web", LAUNCH_MARK: mark})
             for number, mark in enumerate(("old", "old", launch_mark(group())), 1)]
    of = group(
        members=members(*there), desired_nodes=2, rolling_update=RollingUpdate(NOW - 500),
        leaving={"s1": Departure(NOW - 900, final=False, why=SURPLUS, stays=True)},
        rolling_progress=RollingProgress(NOW - 500, total=1, batches=0))
    answer = planned(of, seen(*there))
    assert answer.learned["rolling_progress"].batch == ("s2",), answer.awaited


@pytest.mark.parametrize("blind", [
    {"unseen": {"load_balancer": "no answer"}, "load_balancer": None},
    {"healthy": frozenset({"s4"}), "unasked": frozenset({"s1", "s2", "s3"})}])
def test_nobody_is_renewed_as_not_serving_whom_nobody_could_look_at(blind):
    """That a load balancer, or a node, did not tell is no reason to think that nobody is missed."""
    there = [server(number, metadata={"asg": "web", LAUNCH_MARK: mark}) for number, mark in
             enumerate(("old", "old", "old", launch_mark(group())), 1)]
    of = group(
        members=members(*there), desired_nodes=4, health_check=HealthCheck("tcp"),
        rolling_update=RollingUpdate(NOW - 500, UpdatePolicy(3)),
        rolling_progress=RollingProgress(NOW - 500, total=4, renewed=1, batches=2, batch=("s1",)))
    healthy = frozenset(one.id for one in there)
    assert set(planned(of, seen(*there, healthy=healthy)).learned["leaving"]) == {"s1"}
    assert planned(of, seen(*there, **{"healthy": healthy, **blind})).learned["leaving"] == {}


def test_who_was_chosen_stays_in_service_when_others_have_failed_since():
    """Time may pass between choosing and doing: the minimum counts until traffic is taken away."""
    there = [server(number, metadata={"asg": "web", LAUNCH_MARK: mark}) for number, mark in
             enumerate(("old", "old", launch_mark(group()), launch_mark(group())), 1)]
    chosen = {"s1": Departure(NOW - 400, why=RENEWED), "s2": Departure(NOW - 400, why=RENEWED)}
    of = group(
        members=members(*there), desired_nodes=4, max_nodes=6, leaving=chosen,
        rolling_update=RollingUpdate(NOW - 500, UpdatePolicy(2, 2)),
        rolling_progress=RollingProgress(
            NOW - 500, total=4, renewed=2, batches=2, batch=("s1", "s2")))
    assert set(planned(of, seen(*there)).learned["leaving"]) == {"s1", "s2"}
    broken = replace(there[3], state="ERROR")
    still = balancer(*map(node, there))
    answer = planned(of, seen(*there[:3], broken, load_balancer=still))
    assert len({"s1", "s2"} & set(answer.learned["leaving"])) == 1
    assert len({"web-1", "web-2"} & set(done(answer, "RemoveNode"))) == 1
    ailing = seen(*there, load_balancer=still, healthy=frozenset({"s2", "s3"}))
    checked = replace(of, health_check=HealthCheck("tcp"))
    assert set(planned(checked, ailing).learned["leaving"]) == {"s1"}, "who fails is not missed"


def test_a_unit_that_is_not_whole_is_missed_while_traffic_goes_to_it():
    roles = {"web": Role(), "worker": Role(load_balancers=())}
    pairs = group(roles=roles, desired_nodes=2, hooks={"configure": Hook("chef.run")})
    there = [replace(server(number), name=f"{role}-{unit}", metadata={
        "asg": "web", "asg_unit": unit, "asg_role": role,
        **({"asg_configured": "True"} if number != 2 else {})})
        for number, (unit, role) in enumerate([
            ("apt-bee", "web"), ("apt-bee", "worker"), ("calm-heron", "web"),
            ("calm-heron", "worker")], 1)]
    of = replace(
        pairs, members=members(*there), rolling_update=RollingUpdate(NOW - 500, UpdatePolicy(2)),
        rolling_progress=RollingProgress(NOW - 500, total=2, batches=1, batch=("s1", "s2")))
    assert planned(of, seen(*there)).learned["leaving"] == {}


@pytest.mark.parametrize(("failures", "state"), [(2, "stopped"), (3, "running")])
def test_a_newcomer_that_is_kept_for_its_health_has_failed(failures, state):
    """It has failed as those before it that were replaced."""
    check = HealthCheck("tcp", attempts=1)
    there = [server(number, metadata={"asg": "web", LAUNCH_MARK: made}) for number, made in
             enumerate(("old", "old", launch_mark(group())), 1)]
    late = Check(NOW - 400, NOW - 10, 9, of=mark(check, ("private", 8080)), kept=True)
    well = {id: replace(late, failed=0, passed=True, kept=False) for id in ("s1", "s2")}
    of = group(
        members=members(*there), health_check=check, checks={**well, "s3": late},
        rolling_update=RollingUpdate(NOW - 2000, UpdatePolicy(2, max_failures=failures)),
        rolling_progress=RollingProgress(
            NOW - 2000, total=3, batches=1, batch=("s0",), failed=("s9",)))
    look = seen(*there, healthy=frozenset({"s1", "s2"}), load_balancer=balancer(
        *map(node, there[:2])))
    for _ in range(2):
        answer = planned(of, look)
        progress = answer.learned["rolling_progress"]
        assert (progress.state, progress.failed) == (state, ("s3", "s9"))
        assert answer.learned["leaving"] == {}, "and nobody goes below the minimum"
        assert verdict.outcome(of, answer, {}) == "failed"
        of = replace(of, rolling_progress=progress)
    assert ("web-3 failed its health check" in progress.reason) is (state == "stopped")


def test_nobody_waits_for_an_update_that_a_lost_load_balancer_keeps_from_going_on():
    """The new node can't serve: the group is in ERROR, and not converging for ever."""
    there = [server(number, metadata={"asg": "web", LAUNCH_MARK: mark})
             for number, mark in enumerate((launch_mark(group()), "old", "old"), 1)]
    of = group(
        members=members(*there), rolling_update=RollingUpdate(NOW - 500),
        rolling_progress=RollingProgress(NOW - 500, total=3, renewed=1, batches=1, ended=NOW - 400))
    answer = planned(of, seen(*there, load_balancer=None))
    assert verdict.outcome(of, answer, {}) == "failed"
    assert "the next batch waits until all new nodes serve" in " ".join(answer.resting)
    assert "load balancer lb-1 does not exist" in answer.problems[0]
