"""What people read about a rolling update in asg.status."""
from __future__ import annotations

from autoscale.core import report
from autoscale.core.renewal import RollingProgress, RollingUpdate, UpdatePolicy
from tests.core.examples import NOW, group, seen, servers

THREE = seen(*servers("ACTIVE", "ACTIVE", "BUILD"))


def rolling(**progress):
    return group(rolling_update=RollingUpdate(NOW, UpdatePolicy(2, 1, 300)),
                 rolling_progress=RollingProgress(NOW, **{"total": 3, "batches": 1, **progress}))


def test_a_rolling_update_is_reported_as_it_goes():
    told = report.status(rolling(batch=("s1",)), THREE, NOW)
    assert told["rolling_update"] == {
        "state": "running", "renewed": 0, "total": 3, "batch": ["web-1"], "in_service": 2,
        "minimum": 2, "next_batch_at": None, "reason": "",
        "text": "rolling update: running, 0 of 3 renewed, 2 in service, at least 2 are to be; "
                "renewing web-1"}
    assert told["rolling_update"]["text"] in report.status_text(told, "node")
    assert report.status(group(), THREE, NOW)["rolling_update"] is None


def test_a_paused_rolling_update_says_when_it_goes_on_and_one_that_is_over_says_nothing():
    paused = report.status(rolling(ended=NOW - 60), THREE, NOW)
    assert paused["rolling_update"]["next_batch_at"] == NOW + 240
    assert "the next batch begins in 4 min" in report.status_text(paused, "node")
    over = report.status(rolling(state="done"), THREE, NOW)
    assert over["rolling_update"]["state"] == "done"
    assert "rolling" not in report.status_text(over, "node")
