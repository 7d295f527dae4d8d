"""The pack `core`, which is always there."""

from __future__ import annotations

from pathlib import Path

from standalone.resources import Action, Pack


def builtin_pack() -> Pack:
    """The pack `core`: noop, local and echo."""
    text = {"type": "string", "required": True}
    sudo = {"sudo": {"immutable": True}}
    echo = {"message": text, "cmd": {"default": 'echo "{{message}}"', "immutable": True}}
    actions = (
        Action("noop", "core", "noop", "Action that does nothing"),
        Action(
            "local",
            "core",
            "local-shell-cmd",
            "Action that executes an arbitrary Linux command on the localhost.",
            parameters={"cmd": {**text, "description": "The command."}, **sudo},
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
