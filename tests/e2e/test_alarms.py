"""Alarms on real parts: from what st2 is told to nodes that serve, and passes that cost nothing."""
from __future__ import annotations

import time
from typing import Any, Iterator

import pytest
import yaml
from orquesta.expressions import base as expressions

from tests.e2e.conftest import staged
from tests.e2e.stage import ROOT, Stage, message

APPLICATION = "Till & {{ Co }}"


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own, where New Relic has an application that is slow."""
    with staged(tmp_path_factory.mktemp("alarms"), newrelic=True) as made:
        made.region.newrelic.set_health(APPLICATION, "green")
        measured(made, response_time=900, cpu=50)
        made.run("asg.create", name="till", domain="example.com", min_nodes=1, max_nodes=3,
                 expand_delay=0, application_name=APPLICATION)
        made.seed("asleep", application_name=APPLICATION)
        yield made


def measured(stage: Stage, **values: float) -> None:
    """It has been so for an hour."""
    stage.region.newrelic.measure(APPLICATION, time.time() - 3600, **values)


def done(stage: Stage, ref: str, **parameters: Any) -> str:
    execution = stage.run(ref, **parameters)
    assert execution["status"] == "succeeded", execution["result"]
    return message(execution)


def passes(stage: Stage) -> list[str]:
    """The actions below a pass."""
    execution = stage.run("asg.alarms_evaluate")
    assert execution["status"] == "succeeded", execution["result"]
    return [ref.replace("autoscale.", "") for ref in stage.tasks(execution)]


def test_an_alarm_grows_its_group_and_a_pass_without_news_is_one_task(stage: Stage) -> None:
    assert passes(stage) == ["alarm.evaluate"]
    done(stage, "asg.policy_create", asg="till", policy="grow",
         change_type="change_in_capacity", change=1, cooldown=3600)
    told = done(stage, "asg.alarm_create", asg="till", alarm="slow", metric="response_time",
                comparison="above", threshold=500.5, evaluations=1, policy_alarm="grow")
    assert "response_time above 500.5 ms for 1 period of 60 s: alarm runs grow" in told
    assert passes(stage)[:3] == ["alarm.evaluate", "asg.decide", "asg.converge"]
    assert stage.serves("till", 2)
    assert "from 1 to 2 nodes; alarm slow is in alarm; slow wants 2 nodes" in (
        " ".join(stage.told("till")))
    assert passes(stage) == ["alarm.evaluate"]
    listed = stage.run("asg.alarm_list", asg="till")["result"]["result"]
    assert [(alarm["name"], alarm["state"]) for alarm in listed["alarms"]] == [("slow", "alarm")]


def test_alarms_are_changed_and_deleted_and_nonsense_is_refused(stage: Stage) -> None:
    done(stage, "asg.alarm_create", asg="asleep", alarm="cpu", metric="cpu", target=60)
    told = done(stage, "asg.alarm_update", asg="asleep", alarm="cpu", target=70,
                scale_in_cooldown=1200)
    assert "keeps cpu at 70 %" in told
    wrong = stage.run("asg.alarm_update", asg="asleep", alarm="cpu", threshold=3)
    assert (wrong["status"], message(wrong)) == (
        "failed", "alarm cpu: threshold is not a field of an alarm of the kind tracking")
    done(stage, "asg.alarm_delete", asg="asleep", alarm="cpu")
    assert stage.key("asleep", "alarms") == "{}"


def test_st2_makes_an_alarm(stage: Stage) -> None:
    out = stage.st2("run", "autoscale.asg.alarm_create", "asg=asleep", "alarm=busy",
                    "metric=throughput", "target=90.5").text
    assert "keeps throughput at 90.5 requests a minute a" in out


@pytest.mark.parametrize(("results", "accepted"), [
    ([{"result": {"accepted": True, "asg": "a"}}, {"result": {"message": "denied"}},
      {"result": "None"}, {"stdout": ""}, None], ["a"]),
    ([None], []), ([{"result": {"accepted": False, "asg": "a"}}], [])])
def test_a_decision_that_fails_keeps_no_other_group_from_converging(
        results: list[Any], accepted: list[str]) -> None:
    workflow = yaml.safe_load((ROOT / "actions/workflows/alarms.yaml").read_text())
    failed = workflow["tasks"]["decide"]["next"][1]
    published = next(one["accepted"] for one in failed["publish"] if "accepted" in one)
    expression = published.replace("result()", "ctx(results)")
    assert expressions.evaluate(expression, {"results": results}) == accepted
