"""Loads a pack's directory into values, as strictly as StackStorm's registration would."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Any, Callable, Iterator, Mapping, TypeVar

from standalone import pack_config, resource_files
from standalone.resources import Action, Pack
from standalone.yaml_files import RegistrationError, read_yaml

T = TypeVar("T")


def load_pack(path: Path, config: Mapping[str, Any], *, alone: bool = True) -> Pack:
    """The pack in the directory. Raises RegistrationError.

    `config` holds values by pack; of a pack that is loaded `alone` it may hold the values.
    """
    path = path.resolve()
    metadata = _metadata(path)
    ref = metadata["ref"]
    schema = _config_schema(path)
    values = config[ref] if isinstance(config.get(ref), dict) else config if alone else {}
    full = pack_config.with_defaults(schema, values)
    if values:  # a pack without any config is registered all the same, as in StackStorm
        pack_config.check_values(path / "config.schema.yaml", schema, full)
    sensors = tuple(_each(path / "sensors", partial(resource_files.sensor, pack=ref)))
    actions = partial(resource_files.action, pack=ref, path=path)
    policies = _by_name(path / "policies", partial(resource_files.policy, pack=ref))
    return Pack(
        ref=ref,
        path=path,
        metadata=metadata,
        actions=_by_name(path / "actions", actions),
        rules=_by_name(path / "rules", partial(resource_files.rule, pack=ref)),
        aliases=_by_name(path / "aliases", partial(resource_files.alias, pack=ref)),
        policies=tuple(policies.values()),
        sensors=sensors,
        trigger_types={one.ref: one for sensor in sensors for one in sensor.trigger_types},
        config_schema=schema,
        config=full,
    )


def find_action(packs: Mapping[str, Pack], ref: str) -> Action | None:
    """The action with this ref (`pack.name`), or None."""
    pack, _, name = ref.partition(".")
    return packs[pack].actions.get(name) if pack in packs else None


def check_references(packs: Mapping[str, Pack]) -> None:
    """Raises for a policy or an alias on an action that no pack has."""
    for pack in packs.values():
        named = [(one.ref, one.resource_ref) for one in pack.policies]
        named += [(one.ref, one.action_ref) for one in pack.aliases.values()]
        for ref, action in named:
            if find_action(packs, action) is None:
                raise RegistrationError(pack.path, f"{ref} is for {action}, which doesn't exist")


def _metadata(path: Path) -> dict[str, Any]:
    file = path / "pack.yaml"
    metadata = read_yaml(file)
    for key in ("name", "description", "version", "author", "email"):
        if not metadata.get(key):
            raise RegistrationError(file, f"lacks {key}")
    if not re.match(r"^\d+\.\d+\.\d+$", str(metadata["version"])):
        raise RegistrationError(file, f"version {metadata['version']} is not of the form x.y.z")
    if not re.match(r"^[^@\s]+@[^@\s]+\.[^@\s]+$", str(metadata["email"])):
        raise RegistrationError(file, f"email {metadata['email']} is not an address")
    ref = metadata.get("ref") or metadata["name"]
    if not re.match(r"^[a-z0-9_]+$", ref):
        raise RegistrationError(file, f"ref {ref} has other characters than a-z, 0-9 and _")
    return {**metadata, "ref": ref}


def _config_schema(path: Path) -> dict[str, Any]:
    file = path / "config.schema.yaml"
    schema = read_yaml(file) if file.exists() else {}
    pack_config.check_schema(file, schema)
    return schema


def _each(folder: Path, load: Callable[[Path], T]) -> Iterator[T]:
    for file in sorted(folder.glob("*.yaml")):
        yield load(file)


def _by_name(folder: Path, load: Callable[[Path], T]) -> dict[str, T]:
    found: dict[str, T] = {}
    for file in sorted(folder.glob("*.yaml")):
        one = load(file)
        name = getattr(one, "name", "")
        if name in found:
            raise RegistrationError(file, f"the name {name} is taken by another file")
        found[name] = one
    return found
