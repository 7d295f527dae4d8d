"""What a rolling update makes of nodes that others have a say about."""
from __future__ import annotations

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
