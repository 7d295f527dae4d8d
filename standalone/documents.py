"""Execution documents, in the shape that StackStorm's REST API gives them."""

from __future__ import annotations

import itertools
import secrets
import time
from datetime import datetime, timezone
from typing import Any

from standalone.resources import Action
from standalone.shapes import identifier

ACTIVE = ("requested", "scheduled", "delayed", "running", "canceling")
COMPLETED = ("succeeded", "failed", "timeout", "canceled", "abandoned")

_process = secrets.token_hex(5)
_counter = itertools.count(secrets.randbelow(0x800000))


def new_id() -> str:
    """24 hex digits, as MongoDB makes them: seconds, process, count. Later ids are greater."""
    return f"{int(time.time()):08x}{_process}{next(_counter) & 0xFFFFFF:06x}"


def now() -> str:
    """The time as the API writes it: ISO 8601, microseconds, UTC."""
    return datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def seconds_between(start: str, end: str) -> float:
    """Seconds from one of the API's times to another."""
    form = "%Y-%m-%dT%H:%M:%S.%fZ"
    return (datetime.strptime(end, form) - datetime.strptime(start, form)).total_seconds()


def action_document(action: Action) -> dict[str, Any]:
    """An action as the API shows it."""
    return {
        "id": identifier(f"action:{action.pack}:{action.name}"),
        "uid": f"action:{action.pack}:{action.name}",
        "ref": action.ref,
        "name": action.name,
        "pack": action.pack,
        "description": action.description,
        "enabled": action.enabled,
        "runner_type": action.runner_type,
        "entry_point": action.entry_point,
        "parameters": dict(action.parameters),
        "output_schema": dict(action.output_schema),
        "notify": dict(action.notify),
        "tags": list(action.tags),
        "metadata_file": str(action.metadata_file),
    }


def runner_document(action: Action) -> dict[str, Any]:
    """The action's runner as the API shows it."""
    return {
        "name": action.runner_type,
        "uid": f"runner_type:{action.runner_type}",
        "description": "",
        "enabled": True,
        "runner_module": action.runner_type.replace("-", "_") + "_runner",
        "runner_package": action.runner_type.replace("-", "_") + "_runner",
        "runner_parameters": dict(action.runner),
    }


def new_document(
    action: Action, parameters: dict[str, Any], context: dict[str, Any], **more: Any
) -> dict[str, Any]:
    """A requested execution of the action."""
    id, live_id, started = new_id(), new_id(), now()
    return {
        "id": id,
        "status": "requested",
        "action": action_document(action),
        "runner": runner_document(action),
        "liveaction": {
            "id": live_id,
            "action": action.ref,
            "action_is_workflow": action.runner_type == "orquesta",
            "parameters": parameters,
            "callback": {},
            "runner_info": {},
        },
        "parameters": parameters,
        "context": context,
        "start_timestamp": started,
        "log": [{"status": "requested", "timestamp": started}],
        "web_url": f"https://localhost/#/history/{id}/general",
        **more,
    }


def change(document: dict[str, Any], status: str, result: Any = None) -> None:
    """Gives the document another status; with the last one come the result and the times."""
    moment = now()
    document["status"] = status
    document["log"].append({"status": status, "timestamp": moment})
    if status in COMPLETED:
        document["result"] = result
        document["end_timestamp"] = moment
        document["elapsed_seconds"] = seconds_between(document["start_timestamp"], moment)
