"""Webhooks over HTTP, as their callers and their attackers meet them."""
from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Callable

import pytest
import requests
import rfc8785
from standardwebhooks import Webhook

from tests.e2e.stage import ROOT, Execution, Stage, message
from tests.standalone.api.client import API_KEY

HOOK = "/api/v1/webhooks/autoscale"
DOCUMENTED = re.findall(r"```sh\n(.*?)```", (ROOT / "docs" / "webhooks.md").read_text(), re.S)

Request = dict[str, Any]


@dataclass
class Caller:
    """A webhook of the group, and who calls it."""

    stage: Stage
    asg: str
    webhook: str
    secret: str
    token: str | None

    def signed(self, nonce: str, at: float | None = None, **body: Any) -> Request:
        """A request as a caller with the specification's library makes it."""
        content = rfc8785.dumps({"webhook": self.webhook, **body})
        moment = datetime.fromtimestamp(int(at or time.time()), timezone.utc)
        return {"data": content, "headers": {
            "Content-Type": "application/json", "webhook-id": nonce,
            "webhook-timestamp": str(int(moment.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(nonce, moment, content.decode())}}

    @property
    def wanted(self) -> int:
        return int(str(self.stage.key(self.asg, "desired_nodes")))

    @property
    def history(self) -> list[str]:
        events = json.loads(self.stage.key(self.asg, "events") or "[]")
        return [event["what"] for event in events]

    def refused(self, request: Request, why: str) -> None:
        """It is answered as all are, changes nothing, and the operator can see why."""
        wanted = self.wanted
        execution, = receive(self.stage, request)
        assert execution["status"] == "succeeded"
        assert why in message(execution)
        assert self.wanted == wanted
        assert [each for each in self.stage.tasks(execution) if "converge" in each] == []


def receive(stage: Stage, *posted: Request) -> list[Execution]:
    """Post all of these at the same instant; answer what follows from them."""
    before = _received(stage)
    with ThreadPoolExecutor(len(posted)) as pool:
        answers = list(pool.map(lambda request: stage.post(HOOK, **request), posted))
    assert {answer.status_code for answer in answers} == {202}
    stage.until(lambda: len(_received(stage)) == len(before) + len(posted), "the rule acts")
    return [stage.end(id) for id in _received(stage) if id not in before]


def _received(stage: Stage) -> list[str]:
    found, _ = stage.app.executions.list(1000, ascending=True, action="autoscale.webhook.receive")
    return [each["id"] for each in found]


def issued(stage: Stage, asg: str, **given: Any) -> Caller:
    done = stage.run("asg.webhook_create", asg=asg, policy="grow", **given)
    assert done["status"] == "succeeded", done
    output = done["result"]["output"]
    assert output["url"] == HOOK
    return Caller(stage, asg, output["webhook"], output["secret"], output["token"])


@pytest.fixture(scope="module")
def group(stage: Stage) -> str:
    done = stage.run("asg.create", name="hooked", domain="example.com", min_nodes=1, max_nodes=15,
                     expand_delay=0)
    assert done["status"] == "succeeded", message(done)
    done = stage.run("asg.policy_create", asg="hooked", policy="grow",
                     change_type="change_in_capacity", change=1)
    assert done["status"] == "succeeded", message(done)
    return "hooked"


@pytest.fixture
def caller(stage: Stage, group: str) -> Caller:
    return issued(stage, group)


def test_a_signed_request_runs_the_policy_and_converges(caller: Caller) -> None:
    before = caller.wanted
    execution, = receive(caller.stage, caller.signed("msg_1", reason="{{ busy }} <% ctx() %>"))
    assert f"policy grow: from {before} to {before + 1} nodes" in message(execution)
    assert execution["result"]["output"]["convergence"]["outcome"] == "converged"
    assert caller.stage.serves(caller.asg, caller.wanted)
    assert "{{ busy }} <% ctx() %>" in caller.history[-1]


def test_identical_requests_at_the_same_instant_execute_once(caller: Caller) -> None:
    before = caller.wanted
    executions = receive(caller.stage, *[caller.signed("msg_race", time.time())] * 6)
    told = sorted(message(each) for each in executions)
    assert sum("policy grow" in each for each in told) == 1
    assert sum("its id has been used already" in each for each in told) == 5
    assert caller.wanted == before + 1
    assert "refused: its id has been used already, 5 times" in caller.history


def _change(**headers: str) -> Callable[[Request], Request]:
    return lambda request: {**request, "headers": {**request["headers"], **headers}}


ATTACKS: dict[str, tuple[Callable[[Caller], Request], str]] = {
    "forged": (lambda c: _change(**{"webhook-signature": "v1," + "A" * 43 + "="})(
        c.signed("msg_a")), "no signature of it is right"),
    "tampered": (lambda c: {**c.signed("msg_b"), "data": rfc8785.dumps(
        {"webhook": c.webhook, "reason": "mine"})}, "no signature of it is right"),
    "an old one sent later": (lambda c: c.signed("msg_c", time.time() - 310), " s old"),
    "one for later": (lambda c: c.signed("msg_d", time.time() + 330), " s ahead"),
    "renewed timestamp": (lambda c: _change(**{"webhook-timestamp": str(int(time.time()))})(
        c.signed("msg_e", time.time() - 310)), "no signature of it is right"),
    "unsigned": (lambda c: {"json": {"webhook": c.webhook}}, "no header webhook-id"),
    "token where there is none": (lambda c: {"json": {"webhook": c.webhook, "token": c.secret}},
                                  "not switched on"),
    "too large": (lambda c: c.signed("msg_f", pad="x" * 20_000), "larger than 10 kB"),
    "far too large": (lambda c: c.signed("msg_g", pad="x" * 3_000_000), "far too large"),
    "deep": (lambda c: {"data": f'{{"webhook":"{c.webhook}","a":{"[" * 400}{"]" * 400}}}',
                        "headers": {"Content-Type": "application/json"}}, "no header webhook-id"),
    "template": (lambda c: _change(**{"webhook-id": "{{().__class__}}<%ctx()%>"})(
        c.signed("msg_h")), "without dots"),
    "template as signature": (lambda c: _change(**{"webhook-signature": "v1,{{ 7 * 7 }}<%ctx()%>"})(
        c.signed("msg_i")), "no signature of it is right"),
    "list": (lambda c: {"json": [{"webhook": c.webhook}]}, "the body is no object"),
    "form": (lambda c: {"data": {"webhook": c.webhook}}, "no webhook's id"),
    "unknown webhook": (lambda c: {"json": {"webhook": "hooked." + "0" * 32}}, "no webhook hooked"),
    "unknown group": (lambda c: {"json": {"webhook": "nobody." + "0" * 32}}, "no webhook nobody"),
    "another group's": (lambda c: {"json": {"webhook": "nobody" + c.webhook[6:]}}, "no webhook"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_answered_like_any_request_and_refused(caller: Caller, attack: str) -> None:
    make, why = ATTACKS[attack]
    caller.refused(make(caller), why)


def test_a_replay_is_refused_and_counted(caller: Caller) -> None:
    request = caller.signed("msg_again")
    receive(caller.stage, request)
    caller.refused(request, "its id has been used already")
    caller.refused(request, "its id has been used already")
    assert "refused: its id has been used already, 2 times" in caller.history


def test_a_rotated_and_a_revoked_secret_are_refused(caller: Caller) -> None:
    stage, request = caller.stage, caller.signed("msg_old")
    rotated = stage.run("asg.webhook_rotate", asg=caller.asg, webhook=caller.webhook)
    caller.refused(request, "no signature of it is right")
    caller.secret = rotated["result"]["output"]["secret"]
    receive(stage, caller.signed("msg_new"))
    assert "policy grow" in caller.history[-1]
    assert stage.run("asg.webhook_revoke", asg=caller.asg,
                     webhook=caller.webhook)["status"] == "succeeded"
    caller.refused(caller.signed("msg_last"), "the webhook is revoked")


def test_webhooks_are_listed_without_secrets(caller: Caller) -> None:
    listed = caller.stage.run("asg.webhook_list", asg=caller.asg)["result"]["result"]
    assert f"{caller.webhook}: policy grow" in listed["text"]
    assert caller.secret not in json.dumps(listed)


def test_what_makes_no_sense_fails_and_shows_nothing(stage: Stage, group: str) -> None:
    for ref, given in (("create", {"policy": "{{ x }}"}), ("rotate", {"webhook": "x"}),
                       ("revoke", {"webhook": "<% ctx() %>"})):
        done = stage.run(f"asg.webhook_{ref}", asg=group, **given)
        assert done["status"] == "failed"
        assert "hooked has no" in message(done)
        assert not done["result"]["output"].get("secret")


def test_the_documented_commands_work(stage: Stage, tmp_path: Path) -> None:
    """Pasted into a shell, one after the other, for a group of another name."""
    script = "\n".join(DOCUMENTED).replace("name=web", "name=paste").replace(
        "asg=web", "asg=paste").replace("web\\.", "paste\\.").replace(
        "/tmp/webhook.txt", str(tmp_path / "webhook.txt")).replace(
        ".venv/bin/python", sys.executable)
    st2 = Path(sys.executable).with_name("st2")
    environment = {**stage.st2._environment(), "ST2_BASE_URL": stage.app.api.url}
    done = subprocess.run(
        ["bash", "-euc", f"st2() {{ {st2} --skip-config \"$@\"; }}\n{script}"],
        env=environment, cwd=ROOT, text=True, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len(re.findall(r"HTTP/1\.1 202 ", done.stdout)) == 2

    def outcomes() -> list[str]:
        events = json.loads(stage.key("paste", "events") or "[]")
        return [event["outcome"] for event in events if event["by"].startswith("webhook ")]

    stage.until(lambda: len(outcomes()) == 3, "three requests are told of")
    assert outcomes() == ["done"] * 3
    assert stage.key("paste", "desired_nodes") == "5"


def test_no_secret_of_a_webhook_is_anywhere_but_where_it_was_asked_for(
        stage: Stage, group: str) -> None:
    caller = issued(stage, group, capability=True)
    assert caller.token
    receive(stage, caller.signed("msg_secret"))
    receive(stage, {"json": {"webhook": caller.webhook}})
    executions, _ = stage.app.executions.list(100_000)
    for secret in (caller.secret, caller.token, caller.secret[len("whsec_"):]):
        holding = [each["action"]["ref"] for each in executions if secret in json.dumps(each)]
        assert holding == ["autoscale.asg.webhook_create"]
        assert secret not in json.dumps(stage.keys())
        assert secret not in "\n".join(stage.logged)
        assert secret not in json.dumps(stage.region.slack.messages)
        assert secret not in json.dumps(caller.history)


def test_a_token_alone_will_do_where_it_is_switched_on(stage: Stage, group: str) -> None:
    caller = issued(stage, group, capability=True)
    before = caller.wanted
    answer = requests.post(
        f"{stage.app.api.url}{HOOK}?st2-api-key={API_KEY}", timeout=10,
        json={"webhook": caller.webhook, "token": caller.token})
    assert answer.status_code == 202
    stage.until(lambda: caller.wanted == before + 1, "the policy runs")
    caller.refused({"json": {"webhook": caller.webhook, "token": "x"}}, "the token is wrong")
