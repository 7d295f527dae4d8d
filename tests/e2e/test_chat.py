"""Chat commands, as hubot and errbot send them, and what the chat is answered."""
from __future__ import annotations

from typing import Any

import pytest

from standalone import shapes
from standalone.errors import RequestError
from tests.e2e.stage import ADMIN, CLOUD_KEY, Stage, message

SAID = {
    "asg create name=web domain=example.com": "asg_create",
    'asg create name=web domain=example.com min_nodes=2 application_name="My shop"': "asg_create",
    "asg node add asg=web": "asg_node_add",
    "asg expand asg=web": "asg_expand",
    "asg expand asg=web force=true": "asg_expand",
    "asg node delete name=calm-otter asg=web": "asg_node_delete",
    "asg node delete name=calm-otter asg=web replace=true": "asg_node_delete",
    "asg protect node=calm-otter asg=web": "asg_protect",
    "asg unprotect node=calm-otter asg=web": "asg_unprotect",
    "asg adopt server=calm-otter asg=web": "asg_adopt",
    "asg release node=calm-otter asg=web replace=true": "asg_release",
    "asg rolling update asg=web max_batch_size=2": "asg_rolling_update",
    "asg rolling update cancel asg=web": "asg_rolling_update_cancel",
    "asg hook complete asg=web node=calm-otter": "asg_hook_complete",
    'asg hook abandon asg=web node=calm-otter reason="a shard is left"': "asg_hook_abandon",
    "asg deflate asg=web": "asg_deflate",
    "asg delete name=web": "asg_delete",
    "asg simulate crit": "asg_simulate_crit",
    'asg simulate crit application="My shop"': "asg_simulate_crit",
    "asg simulate recovery": "asg_simulate_recovery",
    "asg status asg=web": "asg_status",
    "asg list": "asg_list",
    "asg plan asg=web": "asg_plan",
    "asg history asg=web": "asg_history",
    "asg history asg=web last=5": "asg_history",
    "asg pause asg=web": "asg_pause",
    "asg resume asg=web": "asg_resume",
    "asg converge asg=web": "asg_converge",
}

LEAKS = [
    "{{ config_context.api_key }}",
    "{{ st2kv.system.rackspace_api_key | decrypt_kv }}",
    "<% st2kv('system.rackspace_api_key', decrypt => true) %>",
    "<% ctx().st2 %>",
]
"""What a template would be made of, if any engine took it for one."""


@pytest.fixture(scope="module")
def parlour(stage: Stage) -> str:
    """A group of one that was made in a chat."""
    made, = stage.hubot(
        'asg create name=parlour domain=example.com max_nodes=3 expand_delay=0 deflate_delay=0 '
        'application_name="Ice parlour" channel=<#C01|ops> '
        'admin_contact=<mailto:ops@example.com|ops@example.com>', user="ann")
    assert made["status"] == "succeeded"
    assert stage.heard(made) == "parlour: creating it with 1 node; parlour: 1 of 1 node up"
    return "parlour"


@pytest.fixture(scope="module")
def sleepy(stage: Stage) -> str:
    """A group that is paused: requests are answered at once."""
    stage.seed("sleepy")
    return "sleepy"


@pytest.mark.parametrize(("command", "alias"), SAID.items())
def test_a_command_means_one_thing(stage: Stage, command: str, alias: str) -> None:
    assert stage.app.aliases.match(command).alias.name == alias


@pytest.mark.parametrize("command", [
    "asg", "asg create web example.com", "asg node asg=web", "asg list all", "please asg list"])
def test_what_is_no_command_means_nothing(stage: Stage, command: str) -> None:
    with pytest.raises(RequestError, match="matched no patterns"):
        stage.app.aliases.match(command)


def test_every_alias_is_said_in_some_way(stage: Stage) -> None:
    ours = {alias.name for alias in stage.app.aliases.all if alias.pack == "autoscale"}
    assert ours == set(SAID.values())


def test_a_group_made_in_a_chat_has_what_was_typed_and_a_chats_defaults(
        stage: Stage, parlour: str) -> None:
    typed = {"domain": "example.com", "application_name": "Ice parlour", "channel": "#ops",
             "admin_contact": "ops@example.com", "max_nodes": "3", "expand_delay": "0"}
    defaults = {"min_nodes": "1", "expand_by": "1", "deflate_by": "1", "vm_size_id": "2"}
    wanted = {**typed, **defaults}
    assert {name: stage.key(parlour, name) for name in wanted} == wanted
    assert stage.serves(parlour, 1)


def test_quotes_that_the_chat_made_curly_are_quotes(stage: Stage, parlour: str) -> None:
    grown, = stage.errbot(f"asg expand asg=\u201c{parlour}\u201d")
    assert stage.heard(grown) == "parlour: expanding from 1 to 2 nodes; parlour: 2 of 2 nodes up"
    assert stage.serves(parlour, 2)


def test_a_node_is_deleted_by_its_name(stage: Stage, parlour: str) -> None:
    oldest = stage.servers(parlour)[0]["name"]
    smaller, = stage.errbot(f"asg node delete name={oldest} asg={parlour}")
    assert stage.heard(smaller) == (
        f"parlour: removing node {oldest}, 1 node is desired then; parlour: 1 of 1 node up")
    assert oldest not in {server["name"] for server in stage.servers(parlour)}


def test_questions_are_answered_in_lines(stage: Stage, parlour: str) -> None:
    (node,) = (server["name"] for server in stage.servers(parlour))
    status, plan = map(stage.heard, stage.hubot(
        f"asg status asg={parlour}", f"asg plan asg={parlour}"))
    groups, history = map(stage.heard, stage.errbot(
        "asg list", f"asg history asg={parlour} last=50"))
    assert status.startswith("parlour: idle, ACTIVE, 1 of 1 node active (1 to 3)\n")
    assert f"\n- {node}: ACTIVE, " in status
    assert groups.count("parlour: idle, ACTIVE, 1 of 1 node up") == 1
    assert plan == "parlour is converged: nothing to do"
    assert " ann: create: creating it with 1 node (done)" in history
    assert f" {ADMIN}: expand: expanding from 1 to 2 nodes (done)" in history


LABELS = ("use lower-case letters, digits and hyphens, at most 63, not starting or ending with a "
          "hyphen")

ANSWERS = {
    "asg expand asg=sleepy":
        "sleepy: nothing changed: it is paused: asg.resume lets it go on; sleepy is paused",
    "asg pause asg=sleepy": "sleepy: nothing changed: it is paused already; sleepy is paused",
    "asg converge asg=sleepy": "sleepy is paused",
    "asg converge asg=\u201csleepy\u201d":
        "Failed: write the group's name as it is, without quotes: sleepy",
    "asg simulate crit application=sleepy": "alert for sleepy",
    "asg simulate recovery application=\u201csleepy\u201d": "recovery for sleepy",
    "asg simulate crit application=nobody": "no group serves nobody: nothing to do",
    "asg delete name=nosuch":
        "nosuch: there is no such group, nothing is left of it; there is no group nosuch",
    "asg expand asg=no_such": f"Failed: 'no_such' can't be a group's name: {LABELS}",
    "asg status asg=Sleepy": f"'Sleepy' can't be a group's name: {LABELS}",
    "asg create name=bad domain=example.com min_nodes=3 max_nodes=2":
        "Failed: asg.bad.min_nodes is 3, more than asg.bad.max_nodes, 2",
}


def test_the_answer_is_one_sentence_for_people(stage: Stage, sleepy: str) -> None:
    said = stage.hubot(*ANSWERS)
    assert dict(zip(ANSWERS, map(stage.heard, said))) == ANSWERS


def test_the_groups_there_are_are_named(stage: Stage, sleepy: str) -> None:
    stage.hubot("asg delete name=nosuch")
    for said in stage.errbot(
            "asg expand asg=nosuch", "asg status asg=nosuch", "asg history asg=nosuch"):
        first = min(key.split(".")[1] for key in stage.keys("asg.") if "desired_nodes" in key)
        assert f"there is no group nosuch; the groups are: {first}" in stage.heard(said)
    assert stage.keys("asg.nosuch.") == {}, "nothing is written of a group that is not there"


@pytest.mark.parametrize("result", [
    None, {}, {"error": "no virtualenv"}, {"result": "None", "stderr": "Killed"},
    {"output": None, "errors": []}])
def test_an_execution_that_broke_off_is_answered_too(stage: Stage, result: Any) -> None:
    """StackStorm fails to tell anything when a format asks something of what is not there."""
    for alias in stage.app.aliases.all:
        execution = {"id": "5f", "status": "failed", "result": result, "context": {
            "action_alias_ref": {"id": shapes.alias(alias)["id"]}}}
        assert "st2 execution get 5f" in stage.heard(execution), alias.name


def test_only_admins_delete_a_group_from_a_chat(stage: Stage) -> None:
    stage.seed("guarded")
    before = stage.keys("asg.guarded.")
    refused, = stage.hubot("asg delete name=guarded", user="mallory")
    assert refused["status"] == "failed"
    assert stage.heard(refused) == (
        "Failed: mallory is not among the pack's chat_admins, who may delete groups")
    assert stage.keys("asg.guarded.") == before
    stage.set("guarded", "paused", False)
    deleted, = stage.hubot("asg delete name=guarded", user=ADMIN)
    assert stage.heard(deleted) == (
        "guarded: deleting everything that belongs to it; guarded is deleted")
    assert stage.keys("asg.guarded.") == {}


def test_a_users_name_is_only_a_name(stage: Stage) -> None:
    stage.seed("named")
    for user in ("joe smith", *LEAKS):
        stage.hubot("asg pause asg=named", user=user)
    heard = stage.heard(stage.hubot("asg history asg=named")[0])
    for user in ("joe smith", *LEAKS):
        assert user.strip("{}<%> ")[:40] in heard
    assert CLOUD_KEY not in heard


@pytest.mark.parametrize("typed", LEAKS)
def test_what_is_typed_is_never_taken_for_a_template(stage: Stage, typed: str) -> None:
    for said in stage.errbot(
            f'asg expand asg="{typed}"', f'asg converge asg="{typed}"',
            f'asg create name=leak domain="{typed}"', f'asg simulate crit application="{typed}"'):
        shown = f"{message(said)} {stage.heard(said)}"
        assert CLOUD_KEY not in shown
        assert "stanley" not in shown, "nothing of the context"
        assert typed.strip("{}<%> ") in shown
