"""What users of the original pack know, they find again: names, parameters, defaults, commands."""
from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from autoscale.core.fields import FIELDS
from tests.e2e.stage import ROOT

REQUIRED = object()

ACTIONS: dict[str, dict[str, Any]] = {
    "asg.create": {
        "name": REQUIRED, "domain": REQUIRED, "application_name": "Default Application",
        "port": 80, "protocol": "HTTP", "admin_contact": None, "min_nodes": 3, "max_nodes": 20,
        "expand_by": 5, "expand_delay": 10, "deflate_by": 2, "deflate_delay": 30,
        "vm_size_id": "2", "vm_image_id": None, "initial_status": "idle",
        "channel": "#bot-testing"},
    "asg.add_node": {"asg": REQUIRED},
    "asg.delete_node": {"name": REQUIRED, "asg": REQUIRED},
    "asg.expand": {"asg": REQUIRED, "force": False},
    "asg.deflate": {"asg": REQUIRED, "force": False},
    "asg.delete": {"name": REQUIRED},
    "asg.lookup": {"application_name": REQUIRED},
    "crit_alert": {"application": REQUIRED},
    "recovery_alert": {"application": REQUIRED},
    "simulate_crit": {},
    "simulate_recovery": {},
}

CHAT_DEFAULTS = {"min_nodes": 1, "expand_by": 1, "deflate_by": 1}

COMMANDS = {
    "asg create name=XXX domain=YYY": "asg.chat_create",
    "asg node add asg=XXX": "asg.add_node",
    "asg expand asg=XXX": "asg.expand",
    "asg node delete name=ZZZ asg=XXX": "asg.delete_node",
    "asg deflate asg=XXX": "asg.deflate",
    "asg delete name=XXX": "asg.delete",
    "asg simulate crit": "simulate_crit",
    "asg simulate recovery": "simulate_recovery",
}

KEYS = """min_nodes max_nodes expand_by expand_delay deflate_by deflate_delay vm_image_id vm_size_id
application_name domain channel status total_nodes last_expand_timestamp last_deflate_timestamp
loadbalancer_id dns_zone_id active_incident""".split()


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


@pytest.fixture(scope="module")
def actions() -> dict[str, Any]:
    found = [load(path) for path in (ROOT / "actions").glob("*.yaml")]
    return {action["name"]: action for action in found}


@pytest.mark.parametrize("name", ACTIONS)
def test_an_action_takes_what_it_took(actions: dict[str, Any], name: str) -> None:
    parameters = actions[name]["parameters"]
    for parameter, default in ACTIONS[name].items():
        told = parameters[parameter]
        if default is REQUIRED:
            assert told["required"] is True
        else:
            assert told.get("default") == default
            assert not told.get("required")
    known = ACTIONS[name]
    assert not [new for new, told in parameters.items() if told.get("required")
                and new not in known], "nothing else is asked for"


def test_positions_are_as_they_were(actions: dict[str, Any]) -> None:
    parameters = actions["asg.delete_node"]["parameters"]
    assert (parameters["name"]["position"], parameters["asg"]["position"]) == (1, 2)


def test_initial_status_can_not_be_given(actions: dict[str, Any]) -> None:
    assert actions["asg.create"]["parameters"]["initial_status"]["immutable"] is True


def test_chat_creates_smaller_groups_that_grow_slowly(actions: dict[str, Any]) -> None:
    plain, chat = (actions[name]["parameters"] for name in ("asg.create", "asg.chat_create"))
    assert list(plain) == list(chat)
    different = {name: told["default"] for name, told in chat.items() if told != plain[name]}
    assert different == CHAT_DEFAULTS


@pytest.mark.parametrize(("command", "action"), COMMANDS.items())
def test_a_chat_command_is_written_as_it_was(command: str, action: str) -> None:
    displays = {form["display"].partition(" [")[0]: alias["action_ref"]
                for alias in map(load, (ROOT / "aliases").glob("*.yaml"))
                for form in alias["formats"]}
    assert displays[command] == f"autoscale.{action}"


def test_keys_are_called_as_they_were() -> None:
    assert set(KEYS) <= set(FIELDS)
    assert FIELDS["active_incident"].write(True) == "True"
    assert FIELDS["active_incident"].write(False) == "False"


def test_the_governor_and_its_pulses_are_called_as_they_were() -> None:
    sensor = load(ROOT / "sensors" / "governor_sensor.yaml")
    assert sensor["class_name"] == "AutoscaleGovernorSensor"
    pulses = {"ScaleUpPulse", "ScaleDownPulse"}
    assert pulses <= {trigger["name"] for trigger in sensor["trigger_types"]}
    rules = [load(path) for path in (ROOT / "rules").glob("*.yaml")]
    answers = {rule["trigger"]["type"]: rule["action"]["ref"] for rule in rules}
    assert answers["autoscale.ScaleUpPulse"] == "autoscale.asg.expand"
    assert answers["autoscale.ScaleDownPulse"] == "autoscale.asg.deflate"


def test_payload_schemas_are_of_stackstorms_dialect() -> None:
    """There ``required`` belongs to each property; a list of names makes every payload invalid."""
    for trigger in load(ROOT / "sensors" / "governor_sensor.yaml")["trigger_types"]:
        schema = trigger["payload_schema"]
        assert "required" not in schema, trigger["name"]
        assert json.dumps(schema["properties"]).count('"required": true') >= 1


def test_rules_are_on_but_for_the_example() -> None:
    """StackStorm leaves a rule off unless it says otherwise."""
    off = [path.stem for path in (ROOT / "rules").glob("*.yaml") if not load(path).get("enabled")]
    assert off == ["group_events_to_audit"]


def section(title: str) -> str:
    """A section of the README, in one line."""
    return " ".join((ROOT / "README.md").read_text().split(f"\n## {title}\n")[1].split(
        "\n## ")[0].split())


def test_the_readme_names_every_action_for_people(actions: dict[str, Any]) -> None:
    told = section("Actions")
    internal = {name for name, action in actions.items() if action["description"].startswith(
        ("Internal", "What the chat command"))}
    assert [name for name in actions if name not in internal and name not in told] == []


def test_the_readme_names_every_chat_command() -> None:
    told = section("Chat commands")
    displays = [load(path)["formats"][0]["display"] for path in (ROOT / "aliases").glob("*.yaml")]
    assert [text for text in displays if f"!{text.split(' [')[0].strip()}" not in told] == []


def test_the_readme_names_every_key() -> None:
    told = set(re.findall(r"\w+", section("Keys")))
    assert [name for name in FIELDS if name not in told] == []


def test_the_readme_leads_to_every_page() -> None:
    readme = (ROOT / "README.md").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md")
            if f"docs/{page.name}" not in readme] == []
