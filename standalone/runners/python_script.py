"""The runner python-script: a Python action in a process of its own."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any, Mapping

from standalone.alarms import Alarms
from standalone.resources import Action
from standalone.runners.processes import Ended, Process, Running

STACKSTORM = Path(__file__).parent.parent / "stackstorm"
_OWN = ("env", "log_level", "timeout")
_INVALID_STATUS = 220


def run(
    id: str,
    action: Action,
    parameters: Mapping[str, Any],
    config: Mapping[str, Any],
    env: Mapping[str, str],
    running: Running,
    alarms: Alarms,
) -> tuple[str, Any]:
    """Status and result: {stdout, stderr, exit_code, result}."""
    with tempfile.TemporaryFile("w+") as answer:
        given = {
            "pack": action.pack,
            "file": str(action.entry_path),
            "config": config,
            "parameters": {name: parameters[name] for name in parameters if name not in _OWN},
            "result_fd": answer.fileno(),
        }
        process = Process(
            [sys.executable, "-u", str(STACKSTORM / "run_action.py")],
            _environment(action, parameters, env),
            stdin=json.dumps(given),
            keep=(answer.fileno(),),
        )
        with running.entered(id, process):
            ended = process.wait(alarms, parameters["timeout"])
        answer.seek(0)
        text = answer.read()
    return _outcome(ended, json.loads(text) if text else None, parameters["timeout"])


def _environment(
    action: Action, parameters: Mapping[str, Any], env: Mapping[str, str]
) -> dict[str, str]:
    given = {name: str(value) for name, value in (parameters.get("env") or {}).items()}
    return {
        **os.environ,
        **env,
        "PYTHONPATH": str(action.pack_path / "actions" / "lib"),
        "ST2_ACTION_LOG_LEVEL": str(parameters.get("log_level") or "DEBUG"),
        **given,
    }


def _outcome(ended: Ended, answer: dict[str, Any] | None, timeout: Any) -> tuple[str, Any]:
    if ended.exit_code == _INVALID_STATUS:
        return "failed", {"error": ended.stderr, "traceback": ""}
    result = {
        "stdout": ended.stdout,
        "stderr": ended.stderr,
        "exit_code": ended.exit_code,
        "result": answer["result"] if answer else "None",
    }
    if ended.timed_out:
        error = f"Action failed to complete in {timeout} seconds"
        return "timeout", {**result, "result": "None", "exit_code": -9, "error": error}
    succeeded = ended.exit_code == 0 and (answer or {}).get("status") is not False
    return "succeeded" if succeeded else "failed", result
