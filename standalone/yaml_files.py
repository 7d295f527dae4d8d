"""Reads a pack's YAML files as strictly as StackStorm's registration would."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Hashable

import yaml


class RegistrationError(ValueError):
    """A pack's file that StackStorm would not register: which file, and why."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(f"{path}: {why}")


class _Loader(yaml.SafeLoader):
    """SafeLoader that refuses a mapping in which a key stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"duplicate key {key!r}", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: Path) -> dict[str, Any]:
    """The mapping in the file; an empty file is an empty mapping."""
    try:
        content = yaml.load(path.read_text(), _Loader)
    except (yaml.YAMLError, OSError) as error:
        raise RegistrationError(path, str(error)) from error
    if not isinstance(content or {}, dict):
        raise RegistrationError(path, "is not a mapping")
    return content or {}


def check(path: Path, content: dict[str, Any], *, required: tuple[str, ...], known: str) -> None:
    """Raises unless the keys that must be there are, and no others than `known` (words)."""
    missing = [key for key in required if content.get(key) in (None, "")]
    if missing:
        raise RegistrationError(path, f"lacks {', '.join(missing)}")
    unknown = sorted(set(content) - set(known.split()) - set(required))
    if unknown:
        raise RegistrationError(path, f"has unknown keys: {', '.join(unknown)}")
