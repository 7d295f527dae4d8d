"""The runner local-shell-cmd: a command, run by a shell."""

from __future__ import annotations

import contextlib
import json
import os
from typing import Any, Mapping

from standalone.alarms import Alarms
from standalone.runners.processes import Ended, Process, Running


def run(
    id: str, parameters: Mapping[str, Any], env: Mapping[str, str], running: Running, alarms: Alarms
) -> tuple[str, Any]:
    """Status and result: {succeeded, failed, return_code, stdout, stderr}."""
    given = {name: str(value) for name, value in (parameters.get("env") or {}).items()}
    process = Process(
        ["/bin/bash", "-c", parameters["cmd"]],
        {**os.environ, **env, **given},
        cwd=parameters.get("cwd") or "/",
    )
    with running.entered(id, process):
        ended = process.wait(alarms, parameters["timeout"])
    return status(ended), result(ended, parameters["timeout"])


def status(ended: Ended) -> str:
    if ended.timed_out:
        return "timeout"
    return "failed" if ended.exit_code else "succeeded"


def result(ended: Ended, timeout: Any) -> dict[str, Any]:
    told = {
        "succeeded": ended.exit_code == 0,
        "failed": ended.exit_code != 0,
        "return_code": -9 if ended.timed_out else ended.exit_code,
        "stdout": _parsed(ended.stdout),
        "stderr": _parsed(ended.stderr),
    }
    if ended.timed_out:
        told["error"] = f"Action failed to complete in {timeout} seconds"
    return told


def _parsed(output: str) -> Any:
    """Output that is JSON becomes what it stands for, as in StackStorm."""
    text = output[:-1] if output.endswith("\n") else output
    with contextlib.suppress(ValueError):
        return json.loads(text)
    return text
