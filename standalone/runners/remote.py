"""The runners remote-shell-cmd and remote-shell-script: what they run goes to the hosts by `ssh`.

It has to come in by itself, with a key: nobody is asked for a password. As in StackStorm, hosts
are taken for what they say they are.
"""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from shlex import quote
from typing import Any, Iterator, Mapping

from standalone.alarms import Alarms
from standalone.resources import Action
from standalone.runners import shell
from standalone.runners.processes import Process, Running

RUNNERS = frozenset({"remote-shell-cmd", "remote-shell-script"})
_OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=20",
    "LogLevel=ERROR",
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
)
_UNKNOWN = ("password", "sudo_password", "passphrase")


def run(
    id: str, action: Action, parameters: Mapping[str, Any], running: Running, alarms: Alarms
) -> tuple[str, Any]:
    """Status and result by host: {host: {succeeded, failed, return_code, stdout, stderr}}."""
    given = [name for name in _UNKNOWN if parameters.get(name)]
    if given:
        return "failed", {"error": f"not offered here: {', '.join(given)}; log in with a key"}
    command, text = _command(action, parameters)
    found, worst = {}, "succeeded"
    with _key_file(parameters.get("private_key")) as key:
        for host in filter(None, map(str.strip, parameters["hosts"].split(","))):
            process = Process([*_ssh(host, parameters, key), command], os.environ, stdin=text)
            with running.entered(id, process):
                ended = process.wait(alarms, parameters["timeout"])
            found[host] = shell.result(ended, parameters["timeout"])
            status = shell.status(ended)
            worst = status if worst == "succeeded" else worst
    return worst, found


def _command(action: Action, parameters: Mapping[str, Any]) -> tuple[str, str]:
    """What the remote shell is told, and what it reads."""
    env = parameters.get("env") or {}
    words = [f"{name}={value}" for name, value in env.items()]
    before = f"cd {quote(parameters.get('cwd') or '/tmp')} && "
    sudo = ["sudo", "-n"] if parameters.get("sudo") else []
    if action.runner_type == "remote-shell-cmd":
        told = [*sudo, "env", *words, "bash", "-c", parameters["cmd"]]
        return before + " ".join(map(quote, told)), ""
    told = [*sudo, "env", *words, "bash", "-s", "--", *_arguments(action, parameters)]
    return before + " ".join(map(quote, told)), action.entry_path.read_text()


def _arguments(action: Action, parameters: Mapping[str, Any]) -> Iterator[str]:
    """A script's arguments: those with a position in their order, the others as --name=value."""
    own = {name: one for name, one in action.parameters.items() if name not in action.runner}
    placed = sorted(one["position"] for one in own.values() if "position" in one)
    by_position = {one["position"]: name for name, one in own.items() if "position" in one}
    yield from (_text(parameters.get(by_position[place])) for place in placed)
    for name in sorted(own):
        value, option = parameters.get(name), parameters["kwarg_op"] + name
        if "position" in own[name] or value is None or value == "" or value is False:
            continue
        yield option if value is True else f"{option}={_text(value)}"


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ",".join(map(str, value))
    return json.dumps(value) if isinstance(value, dict) else "" if value is None else str(value)


def _ssh(host: str, parameters: Mapping[str, Any], key: str) -> list[str]:
    name, _, port = host.rpartition(":") if host.count(":") == 1 else (host, "", "")
    user, bastion = parameters.get("username"), parameters.get("bastion_host")
    options = [word for option in _OPTIONS for word in ("-o", option)]
    options += ["-p", port or str(parameters["port"])] if port or parameters.get("port") else []
    options += ["-l", user] if user else []
    options += ["-i", key] if key else []
    options += ["-J", bastion] if bastion else []
    return ["ssh", *options, "--", name]


@contextlib.contextmanager
def _key_file(key: str | None) -> Iterator[str]:
    """The path of a file with the key, or nothing."""
    if not key or "PRIVATE KEY" not in key:
        yield key or ""
        return
    with tempfile.NamedTemporaryFile("w") as file:  # nobody else may read it
        file.write(key.rstrip("\n") + "\n")
        file.flush()
        yield file.name
