"""Groups from files: checked, compared, made so; twice is once, and back again is the same."""
from __future__ import annotations

import contextlib
import json
from pathlib import Path
from urllib.parse import quote, unquote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.requests import BadRequest
from autoscale.files import export, parse, read
from tests.support.loop import IMAGE

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
WEB = {
    "group": {"name": "web", "domain": "example.com", "min_nodes": 1, "max_nodes": 6},
    "launch_configuration": {"vm_image_id": IMAGE},
    "policies": {"up": {"change_type": "change_in_capacity", "change": 2}},
}


def applied(world, content, dry_run=False):
    """Through the same doors as the workflow: read, then decide."""
    found = read(quote(yaml.safe_dump(content)), "", dry_run)
    asked = json.loads(unquote(found["asked"]))
    return world.ask(found["asg"], "apply", **asked)


def test_a_document_makes_a_group_with_its_policies(world):
    assert applied(world, WEB)["accepted"]
    assert world.converge()["outcome"] == "converged"
    assert world.key("max_nodes") == "6"
    assert "up" in json.loads(world.key("policies"))
    assert len(world.region.snapshot()["servers"]) == 1


def test_applying_twice_changes_nothing(world):
    applied(world, WEB)
    before = {name: text for name, text in world.store.texts.items() if "events" not in name}
    answer = applied(world, WEB)
    assert "all of it is so already" in answer["message"]
    assert before == {name: text for name, text in world.store.texts.items()
                      if "events" not in name}


def test_a_dry_run_says_what_would_change_and_changes_nothing(world):
    applied(world, WEB)
    before = {name: text for name, text in world.store.texts.items() if "events" not in name}
    changed = {**WEB, "group": {**WEB["group"], "max_nodes": 8}, "policies": {
        "down": {"change_type": "change_in_capacity", "change": -1}}}
    message = applied(world, changed, dry_run=True)["message"]
    for said in ("max_nodes: 6 -> 8", "policy down: -1 node", "policy up: deleted"):
        assert said in message
    assert before == {name: text for name, text in world.store.texts.items()
                      if "events" not in name}


def test_what_a_document_does_not_mention_stays(world):
    applied(world, WEB)
    applied(world, {"group": {"name": "web", "domain": "example.com", "expand_by": 3}})
    assert world.key("max_nodes") == "6"
    assert "up" in json.loads(world.key("policies"))


def test_exporting_and_applying_is_a_round_trip(world):
    applied(world, {**WEB, "load_balancer": {"health_check": {"type": "http", "path": "/ready"}},
                    "hooks": {"configure": {"action": "a.b", "parameters": {"x": [1]}}}})
    document = export(world.store, "web")["document"]
    assert "all of it is so already" in applied(world, yaml.safe_load(document))["message"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_examples_are_right_and_survive_a_round_trip(world, example):
    content = yaml.safe_load(example.read_text())
    content.setdefault("launch_configuration", {})["vm_image_id"] = IMAGE
    assert applied(world, content)["accepted"]
    document = export(world.store, content["group"]["name"])["document"]
    assert "all of it is so already" in applied(world, yaml.safe_load(document))["message"]


def test_there_are_three_examples():
    assert len(EXAMPLES) >= 3


@pytest.mark.parametrize(("text", "words"), [
    ("group: [", "neither YAML nor JSON, line"),
    ("[]", "the document: [] is not of type 'object'"),
    ("{}", "the document: 'group' is a required property"),
    ("group: {name: web}", "group: 'domain' is a required property"),
    ("group: {name: Web, domain: example.com}", "group.name"),
    ("group: {name: web, domain: example.com, min_nodes: two}", "group.min_nodes"),
    ("group: {name: web, domain: example.com, colour: red}", "group: Additional properties"),
    ("group: {name: web, domain: nonsense}", "domain is 'nonsense'"),
    ("{group: {name: web, domain: a.org}, policies: {up: {change: 1}}}", "policies.up"),
    ("{group: {name: web, domain: a.org}, policies: {up: {change_type: change_in_capacity, "
     "change: 1, schedule: {cron: never}}}}", "policies.up: cron is 'never'"),
    ("{group: {name: web, domain: a.org}, policies: {UP: {change_type: change_in_capacity, "
     "change: 1}}}", "policies.UP"),
])
def test_what_is_wrong_is_named_by_its_path(text, words):
    with pytest.raises(BadRequest) as refusal:
        parse(text)
    assert words in str(refusal.value)


def test_an_alarm_needs_the_policy_that_it_runs(world):
    alarm = {"errors": {"metric": "error_rate", "comparison": "above", "threshold": 5,
                        "policy_alarm": "panic"}}
    with pytest.raises(BadRequest, match=r"alarms.errors: there is no policy panic"):
        applied(world, {**WEB, "alarms": alarm})
    assert world.store.texts == {}


def test_an_unknown_image_is_refused_before_anything_is_made(world):
    with pytest.raises(BadRequest, match="no-such-image"):
        applied(world, {**WEB, "launch_configuration": {"vm_image_id": "no-such-image"}})
    assert world.store.texts == {}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner,
                                                                max_size=3), max_leaves=8)


@given(st.one_of(st.text(max_size=60), st.builds(
    lambda section, value: json.dumps({**WEB, section: value}),
    st.sampled_from(["group", "policies", "hooks", "load_balancer", "launch_configuration"]),
    json_values)))
def test_no_document_breaks_the_reader(text):
    with contextlib.suppress(BadRequest):
        parse(text)
