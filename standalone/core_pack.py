"""The pack `core`, which is always there."""

from __future__ import annotations

from pathlib import Path

from standalone.resources import Action, Pack
from standalone.runners.python_script import STACKSTORM

HERE = STACKSTORM / "core"


def builtin_pack() -> Pack:
    """The pack `core`: noop, local, remote, echo and inject_trigger."""
    text = {"type": "string", "required": True}
    sudo = {"sudo": {"immutable": True}}
    echo = {"message": text, "cmd": {"default": 'echo "{{message}}"', "immutable": True}}
    name = {"type": "string"}
    inject = {
        "trigger_name": name,
        "trigger": name,
        "payload": {"type": "object"},
        "trace_tag": name,
    }
    actions = (
        Action("noop", "core", "noop", "Action that does nothing"),
        Action(
            "local",
            "core",
            "local-shell-cmd",
            "Action that executes an arbitrary Linux command on the localhost.",
            parameters={"cmd": {**text, "description": "The command."}, **sudo},
        ),
        Action(
            "remote",
            "core",
            "remote-shell-cmd",
            "Action to execute arbitrary linux command remotely.",
            parameters={"cmd": {**text, "description": "The command."}},
        ),
        Action(
            "inject_trigger",
            "core",
            "python-script",
            "Action which injects a new trigger in the system.",
            entry_point="inject_trigger.py",
            parameters=inject,
            pack_path=HERE,
        ),
        Action("echo", "core", "local-shell-cmd", "Prints a message.", parameters={**echo, **sudo}),
    )
    metadata = {
        "ref": "core",
        "name": "core",
        "description": "Basic actions.",
        "version": "1.0.0",
        "author": "standalone",
        "email": "info@example.com",
    }
    return Pack("core", Path(), metadata, actions={one.name: one for one in actions})
