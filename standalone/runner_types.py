"""The runners and the parameters that each of them has of its own."""

from __future__ import annotations

from typing import Any, Mapping

_TIMEOUT = "Action timeout in seconds. Action will get killed if it doesn't finish in timeout."

RUNNERS: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "noop": {},
    "python-script": {
        "env": {"type": "object", "description": "Environment variables for the action."},
        "log_level": {"type": "string", "default": "DEBUG", "description": "Log level."},
        "timeout": {"type": "integer", "default": 600, "description": _TIMEOUT},
    },
    "orquesta": {
        "context": {"type": "object", "default": {}, "description": "Additional context."},
        "notify": {"type": "array", "default": [], "description": "Tasks to notify about."},
    },
    "local-shell-cmd": {
        "cmd": {"type": "string", "description": "Arbitrary Linux command to be executed."},
        "cwd": {"type": "string", "description": "Working directory."},
        "env": {"type": "object", "description": "Environment variables for the command."},
        "sudo": {"type": "boolean", "default": False, "immutable": True},
        "timeout": {"type": "integer", "default": 60, "description": _TIMEOUT},
    },
}

OVERRIDES = frozenset({"default", "description", "enum", "immutable", "required", "type"})
"""What an action may change of a runner's parameter (and `type`, if it stays the same)."""
