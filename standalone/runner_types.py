"""The runners and the parameters that each of them has of its own."""

from __future__ import annotations

from typing import Any, Mapping

_TIMEOUT = "Action timeout in seconds. Action will get killed if it doesn't finish in timeout."


def _secret(description: str) -> dict[str, Any]:
    return {"type": "string", "description": description, "secret": True}


_REMOTE: Mapping[str, Mapping[str, Any]] = {
    "hosts": {
        "type": "string",
        "required": True,
        "description": "The hosts, with commas between them; each may have a port.",
    },
    "port": {"type": "integer", "description": "SSH port, 22 if not given."},
    "username": {"type": "string", "description": "Username used to log in."},
    "password": _secret("Password used to log in."),
    "private_key": _secret("Private key to log in with: its text, or the path of its file."),
    "passphrase": _secret("Passphrase of the private key."),
    "bastion_host": {"type": "string", "description": "The host that connections go through."},
    "cwd": {"type": "string", "default": "/tmp", "description": "Working directory."},
    "dir": {"type": "string", "default": "/tmp", "description": "Where scripts are put."},
    "env": {"type": "object", "description": "Environment variables for the command."},
    "sudo": {"type": "boolean", "default": False, "description": "Run it with sudo."},
    "sudo_password": _secret("Password for sudo."),
    "parallel": {"type": "boolean", "default": False, "immutable": True},
    "kwarg_op": {"type": "string", "default": "--", "description": "What names begin with."},
    "timeout": {"type": "integer", "default": 60, "description": _TIMEOUT},
}

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
    "remote-shell-cmd": {
        "cmd": {"type": "string", "description": "Arbitrary Linux command to be executed."},
        **_REMOTE,
    },
    "remote-shell-script": _REMOTE,
}

OVERRIDES = frozenset({"default", "description", "enum", "immutable", "required", "type"})
"""What an action may change of a runner's parameter (and `type`, if it stays the same)."""
