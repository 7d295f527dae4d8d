"""What a rolling update makes of nodes that others have a say about."""
from __future__ import annotations

import pytest

from autoscale.core import verdict
from autoscale.core.checks import HealthCheck
from autoscale.core.group import RENEWED, Departure
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.renewal import DONE, RollingProgress, RollingUpdate, UpdatePolicy
from tests.core.examples import NOW, group, members, planned, seen, server


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
