"""Runs last: after everything that these tests have done, no secret has come out anywhere."""
from __future__ import annotations

import json

from tests.e2e.stage import CLOUD_KEY, SLACK_TOKEN, Stage


def test_no_secret_is_in_any_execution_key_line_or_log(stage: Stage) -> None:
    stage.seed("closed")
    stage.run("asg.converge", asg="closed")
    executions, count = stage.app.executions.list(100_000)
    assert count == len(executions) > 1
    tokens = list(stage.region.tokens._expiry)
    assert tokens, "some were given"
    everything = "\n".join([
        json.dumps(executions), json.dumps(stage.keys("")), json.dumps(stage.region.slack.messages),
        json.dumps(stage.app.triggers.instances.newest()), *stage.logged])
    assert [secret for secret in (CLOUD_KEY, SLACK_TOKEN, *tokens) if secret in everything] == []
