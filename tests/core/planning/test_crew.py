"""What a rolling update makes of nodes that others have a say about."""
from __future__ import annotations

from autoscale.core import verdict
from autoscale.core.group import RENEWED, Departure
from autoscale.core.launch import LAUNCH_MARK, launch_mark
from autoscale.core.renewal import DONE, RollingProgress, RollingUpdate
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
