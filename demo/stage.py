"""The stage: a simulated region and standalone as processes of their own, and ways to reach them.

Nothing here is known to the pack: it is configured as it would be on StackStorm.
"""
from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import yaml

from standalone.crypto import ServerKey

ROOT = Path(__file__).resolve().parent.parent
IMAGE = "d79cb5b2-1b5a-4a5e-8b0f-2f3d5a1c9e01"
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVua25vd24ta2V5LW9mLXRoZS1kZW1vLWdyb3Vw demo"
API_KEY = "demo-st2-api-key"


class Stage:
    """Both processes and the addresses of what they serve; closing it ends them."""

    def __init__(self, *, build_seconds: float = 2, standalone: tuple[str, ...] = (),
                 simcloud: tuple[str, ...] = (), packs: tuple[Path, ...] = ()) -> None:
        self._simcloud_options = ("--build-seconds", str(build_seconds), *simcloud)
        further = [word for pack in packs for word in ("--pack", str(pack))]
        self._standalone_options = (*further, *standalone)
        self._exits = ExitStack()

    def __enter__(self) -> Stage:
        with ExitStack() as exits:
            self.home = Path(exits.enter_context(tempfile.TemporaryDirectory(prefix="autoscale-")))
            self.region = _start(exits, "simcloud", *self._simcloud_options)
            config = self.home / "autoscale.yaml"
            config.write_text(yaml.safe_dump({"autoscale": self._config()}))
            server_key = self.home / "server-key.json"
            server_key.write_text(ServerKey.generate().to_json())
            self.standalone = _start(
                exits, "standalone", "--pack", str(ROOT), "--data", str(self.home / "data"),
                "--config", str(config), "--api-key", API_KEY, "--server-key", str(server_key),
                *self._standalone_options)
            self.api = str(self.standalone["url"])
            self._exits = exits.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._exits.close()

    def _config(self) -> dict[str, Any]:
        names = ("username", "api_key", "region", "auth_url", "slack_token", "slack_url")
        return {**{name: self.region[name] for name in names},
                "cloud": "rackspace", "defaults": {"vm_image_id": IMAGE}}

    def st2_environment(self) -> dict[str, str]:
        """What makes the real ``st2`` command line talk to this stage."""
        return {"ST2_API_URL": f"{self.api}/v1", "ST2_STREAM_URL": f"{self.api}/stream/v1",
                "ST2_AUTH_URL": f"{self.api}/auth/v1", "ST2_BASE_URL": self.api,
                "ST2_API_KEY": API_KEY}

    def st2(self, *words: str) -> str:
        """Run the real ``st2`` command line; answer what it printed, raise when it failed."""
        program = Path(sys.executable).with_name("st2")
        done = subprocess.run(
            [str(program), "--skip-config", *words], text=True, capture_output=True, check=False,
            env={**os.environ, **self.st2_environment(), "HOME": str(self.home)})
        if done.returncode:
            raise RuntimeError(f"st2 {' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def st2_json(self, *words: str) -> Any:
        return json.loads(self.st2(*words, "-j"))

    def webhook(self, url: str, body: Any) -> None:
        """Post to a webhook as a monitor would."""
        requests.post(f"{self.api}/api/v1/webhooks/{url}", json=body, timeout=10,
                      headers={"St2-Api-Key": API_KEY}).raise_for_status()

    def set_key(self, name: str, value: str) -> None:
        """Write a key of the datastore."""
        self._api("PUT", f"keys/{name}", {"name": name, "value": value})

    def start(self, action: str, **parameters: Any) -> str:
        """Request an action, as ``st2 run -a`` does; answer the execution's id."""
        asked = {"action": action, "parameters": parameters}
        return str(self._api("POST", "executions", asked).json()["id"])

    def finish(self, execution: str, patience: float) -> dict[str, Any]:
        """Wait for the end of an execution; answer its result, raise when it is none to like."""
        end = time.monotonic() + patience
        while time.monotonic() < end:
            found = self._api("GET", f"executions/{execution}").json()
            if found["status"] == "succeeded":
                return dict(found["result"])
            if found["status"] not in ("requested", "scheduled", "running", "delayed"):
                raise RuntimeError(f"{found['action']['ref']} {found['status']}: "
                                   f"{json.dumps(found['result'])[:2000]}")
            time.sleep(0.1)
        raise TimeoutError(f"execution {execution} has not ended within {patience} s")

    def tasks(self) -> int:
        """How many executions there have been: workflows, and every task of theirs."""
        return int(self._api("GET", "executions?limit=1").headers["X-Total-Count"])

    def _api(self, method: str, path: str, body: Any = None) -> requests.Response:
        answer = requests.request(method, f"{self.api}/v1/{path}", json=body, timeout=10,
                                  headers={"St2-Api-Key": API_KEY})
        if not answer.ok:
            raise RuntimeError(f"{method} {path}: {answer.status_code} {answer.text}")
        return answer

    def cloud_calls(self) -> int:
        """How many calls the region's APIs have had, Slack's not counted."""
        calls = self.control("calls")["calls"]
        return sum(not call["path"].startswith("/slack") for call in calls)

    def hasten(self) -> None:
        """Make the region's own steps short, so that what is seen is the pack's work."""
        self.settings(dns_job_seconds=0.3, lb_build_seconds=0.3, lb_update_seconds=0.3,
                      delete_seconds=0.5)

    def settings(self, **changes: Any) -> None:
        """Change settings of the region."""
        url = f"{self.region['control_url']}/settings"
        requests.put(url, json=changes, timeout=10).raise_for_status()

    def control(self, path: str, **body: Any) -> Any:
        """Ask the region's control API; with a body, tell it."""
        url = f"{self.region['control_url']}/{path}"
        answer = requests.post(url, json=body, timeout=10) if body else requests.get(
            url, timeout=10)
        answer.raise_for_status()
        return answer.json()


def _start(exits: ExitStack, module: str, *options: str) -> dict[str, Any]:
    """Start ``python -m module``; answer the line of JSON in which it says where it serves."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, "--json", *options], cwd=ROOT, text=True,
        stdout=subprocess.PIPE)
    exits.callback(_end, process)
    assert process.stdout
    line = process.stdout.readline()
    if not line:
        raise RuntimeError(f"{module} did not start; what it said is above")
    told: dict[str, Any] = json.loads(line)
    return told


def _end(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
