"""The stage of these tests: standalone with the pack on it, and a simulated region beside it."""
from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable

import requests

from simcloud import Region, RegionServer
from simcloud.servers.offers import IMAGES
from standalone.app import App
from tests.standalone.api.client import API_KEY, Client

ROOT = Path(__file__).resolve().parent.parent.parent
PROFILES = Path(__file__).resolve().parent / "packs" / "profiles"
IMAGE = IMAGES[0].id
CLOUD_KEY = "cloud-key-3141592653"
SLACK_TOKEN = "xoxb-2718281828"
SSH_KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7 ops@example.com"
ADMIN = "alice"
PATIENCE = 90

Execution = dict[str, Any]


@dataclass
class Stage:
    """What tests ask of it, in words. Groups of different names do not disturb each other."""

    app: App
    region: Region
    server: RegionServer
    home: Path
    logged: list[str] = field(default_factory=list)

    @property
    def st2(self) -> Client:
        """The real command line."""
        return Client(self.app.api.url, self.home)

    def start(self, ref: str, **parameters: Any) -> str:
        """Request an action of the pack; answer the execution's id."""
        return str(self.app.executions.request(f"autoscale.{ref}", parameters)["id"])

    def end(self, id: str) -> Execution:
        return self.app.executions.wait(id, PATIENCE)

    def run(self, ref: str, **parameters: Any) -> Execution:
        return self.end(self.start(ref, **parameters))

    def run_all(self, ref: str, *each: dict[str, Any]) -> list[Execution]:
        """Run an action several times, at once."""
        return [self.end(id) for id in [self.start(ref, **parameters) for parameters in each]]

    def post(self, path: str, **more: Any) -> requests.Response:
        headers = {"St2-Api-Key": API_KEY, **more.pop("headers", {})}
        return requests.post(f"{self.app.api.url}{path}", headers=headers, timeout=30, **more)

    def hubot(self, *commands: str, user: str = ADMIN) -> list[Execution]:
        """Say these to hubot, at once: it looks for the alias, then sends the command with it."""
        return self._said([self._to_hubot(command, user) for command in commands])

    def errbot(self, *commands: str, user: str = ADMIN) -> list[Execution]:
        """Say these to errbot, at once: it leaves the matching to StackStorm."""
        return self._said([self._to_errbot(command, user) for command in commands])

    def _to_hubot(self, command: str, user: str) -> Any:
        found = self.post("/v1/actionalias/match", json={"command": command}).json()
        return self._sent("/v1/aliasexecution", user, command, "hubot",
                          name=found["actionalias"]["name"], format=found["representation"])

    def _to_errbot(self, command: str, user: str) -> Any:
        sent = self._sent("/v1/aliasexecution/match_and_execute", user, command, "errbot")
        return sent["results"][0]

    def _sent(self, path: str, user: str, command: str, bot: str, **more: Any) -> Any:
        answer = self.post(path, json={
            "command": command, "user": user, "source_channel": "#ops",
            "notification_route": bot, **more})
        assert answer.status_code == 201, answer.text
        return answer.json()

    def _said(self, answers: list[Any]) -> list[Execution]:
        return [self.end(answer["execution"]["id"]) for answer in answers]

    def heard(self, execution: Execution) -> str:
        """What the chat is answered."""
        return str(self.app.aliases.answer(execution))

    def alerts(self, *posted: dict[str, Any]) -> list[Execution]:
        """Post to the webhook as New Relic does, one after the other without waiting for what
        follows; answer the executions that follow, in this order."""
        before = self._intakes()
        for request in posted:
            assert self.post("/api/v1/webhooks/nrhook", **request).status_code == 202
        self.until(lambda: len(self._intakes()) == len(before) + len(posted), "the rule acts")
        return [self.end(id) for id in self._intakes() if id not in before]

    def _intakes(self) -> list[str]:
        found, _ = self.app.executions.list(100, ascending=True, action="autoscale.alert.intake")
        return [each["id"] for each in found]

    def seed(self, asg: str, **fields: Any) -> None:
        """A group as its keys alone describe it, paused: wishes are noted, nothing is built."""
        fields = {
            "min_nodes": 1, "max_nodes": 5, "expand_by": 1, "deflate_by": 1,
            "vm_image_id": IMAGE, "vm_size_id": "2", "domain": "example.com",
            "status": "idle", "health": "ACTIVE", "channel": f"#{asg}", "paused": True,
            "application_name": asg, "desired_nodes": 1, **fields}
        for name, value in fields.items():
            self.set(asg, name, value)

    def set(self, asg: str, name: str, value: Any) -> None:
        self.app.keys.set(f"asg.{asg}.{name}", str(value))

    def key(self, asg: str, name: str) -> str | None:
        return self.app.keys.text(f"asg.{asg}.{name}")

    def keys(self, prefix: str = "asg.") -> dict[str, str]:
        return {one["name"]: one["value"] for one in self.app.keys.list(prefix, limit=-1)[0]}

    def servers(self, asg: str) -> list[dict[str, Any]]:
        """The group's servers that are not being deleted, the oldest first."""
        there = [server for server in self.region.snapshot()["servers"]
                 if server["metadata"].get("asg") == asg
                 and server["OS-EXT-STS:task_state"] != "deleting"]
        return sorted(there, key=lambda server: (server["created"], server["name"]))

    def balancer(self, asg: str) -> dict[str, Any] | None:
        found = [each for each in self.region.snapshot()["load_balancers"]
                 if each["name"] == f"asg_{asg}_lb"]
        return found[0] if found else None

    def rotation(self, asg: str) -> set[str]:
        """The addresses that the group's load balancer forwards to."""
        balancer = self.balancer(asg)
        return {node["address"] for node in balancer["nodes"]} if balancer else set()

    def records(self, asg: str) -> set[str]:
        return {record["name"] for record in self.region.snapshot()["records"]
                if record["type"] == "A" and record["name"].endswith(f".{asg}.example.com")}

    def serves(self, asg: str, nodes: int) -> bool:
        """Whether exactly so many servers exist, are up, in the load balancer and in the zone."""
        servers = self.servers(asg)
        addresses = {server["addresses"]["private"][0]["addr"] for server in servers
                     if server["status"] == "ACTIVE"}
        names = {f"{server['name']}.{asg}.example.com" for server in servers}
        return (len(servers) == len(addresses) == nodes and self.rotation(asg) == addresses
                and self.records(asg) == names | {f"lb.{asg}.example.com"})

    def told(self, asg: str) -> list[str]:
        """What the channel has heard of the group."""
        head = f"ASG[{asg}] "
        return [message["text"][len(head):] for message in self.region.slack.messages
                if message["text"].startswith(head)]

    def creates(self, asg: str) -> int:
        """How often a server of the group was asked for."""
        calls = self.region.calls.all("POST", r"/servers$")
        return sum(f"'asg': '{asg}'" in str(call.body) for call in calls)

    def tasks(self, execution: Execution) -> list[str]:
        """The actions below an execution, in the order in which they were requested."""
        children = self.app.executions.children(execution["id"])
        return [child["action"]["ref"] for child in sorted(children, key=lambda each: each["id"])]

    def process(self, id: str) -> Any:
        """The process of an execution that runs now, or None."""
        return self.app.executions._running.get(id)

    def leaked(self) -> list[str]:
        """The secrets that are in any execution, key, message, trigger or line of the log."""
        executions, _ = self.app.executions.list(100_000)
        everything = "\n".join([
            json.dumps(executions), json.dumps(self.keys("")),
            json.dumps(self.region.slack.messages),
            json.dumps(self.app.triggers.instances.newest()), *self.logged])
        secrets = (CLOUD_KEY, SLACK_TOKEN, self.region.settings.newrelic_key, *self.tokens())
        return [secret for secret in secrets if secret in everything]

    def tokens(self) -> list[str]:
        """Those that the region's identity service has given."""
        return list(self.region.tokens._expiry)

    def until(self, truth: Callable[[], Any], promise: str) -> None:
        """Wait for something that others bring about."""
        end = time.monotonic() + PATIENCE
        while not truth():
            assert time.monotonic() < end, f"{promise}, within {PATIENCE} s"
            time.sleep(0.05)


def message(execution: Execution) -> str:
    """The sentence in which an execution says how it went."""
    result = execution["result"]
    return str((result.get("output") or result.get("result") or {}).get("message"))
