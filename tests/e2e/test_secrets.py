"""Every stage ends with a search for secrets (`staged`); here, that it finds them."""
from __future__ import annotations

from tests.e2e.stage import CLOUD_KEY, SLACK_TOKEN, Stage


def test_a_secret_that_comes_out_is_found(stage: Stage) -> None:
    stage.seed("closed")
    stage.run("asg.converge", asg="closed")
    assert stage.leaked() == []
    token = stage.tokens()[0]
    stage.set("closed", "domain", f"{CLOUD_KEY}.example.com")
    stage.logged += [f"with {SLACK_TOKEN}", f"and {token}"]
    assert stage.leaked() == [CLOUD_KEY, SLACK_TOKEN, token]
    stage.set("closed", "domain", "example.com")
    del stage.logged[-2:]
    assert stage.leaked() == []
