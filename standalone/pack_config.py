"""A pack's configuration: its schema's defaults under the values that someone gave."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Mapping

from standalone.templates import Keys, environment, is_template, key_context
from standalone.yaml_files import RegistrationError

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
    "null": (type(None),),
}


def with_defaults(schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """The values, and the defaults of what is not given, however deep."""
    config = dict(values)
    for name, attribute in schema.items():
        nested = attribute.get("properties")
        if nested:
            inner = with_defaults(nested, config.get(name) or {})
            if inner or name in config:
                config[name] = inner
        elif name not in config and "default" in attribute:
            config[name] = attribute["default"]
    return config


def check_schema(path: Path, schema: Mapping[str, Any]) -> None:
    """Raises for an attribute that StackStorm would not register."""
    for name, attribute in schema.items():
        if not re.match(r"^\w+$", str(name)) or not isinstance(attribute, dict) or not attribute:
            raise RegistrationError(path, f"{name}: is not an attribute with a type")


def check_values(path: Path, schema: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Raises for a value that does not fit the schema, naming it but not showing it.

    Text with a template in it fits anywhere: it becomes a value only when it is rendered.
    """
    for name, attribute in schema.items():
        value = values.get(name)
        if value is None:
            if attribute.get("required"):
                raise RegistrationError(path, f"config value {name} is required")
        elif not (isinstance(value, str) and "{{" in value):
            _check_value(path, name, attribute, value)


def _check_value(path: Path, name: str, attribute: Mapping[str, Any], value: Any) -> None:
    expected = attribute.get("type")
    if expected in _TYPES and not _is(value, expected):
        raise RegistrationError(path, f"config value {name} is not of type {expected}")
    if "enum" in attribute and value not in attribute["enum"]:
        raise RegistrationError(path, f"config value {name} is not one of {attribute['enum']}")
    if isinstance(value, dict) and attribute.get("properties"):
        check_values(path, attribute["properties"], value)


def _is(value: Any, expected: str) -> bool:
    if isinstance(value, bool) and expected != "boolean":
        return False
    return isinstance(value, _TYPES[expected])


def resolve(
    schema: Mapping[str, Any], config: Mapping[str, Any], keys: Keys, user: str
) -> dict[str, Any]:
    """The config with its templates rendered from the datastore, as an action sees it.

    What a secret attribute refers to is decrypted; an empty text is None.
    """
    env, context = environment(keys), key_context(keys, user)

    def value(attribute: Mapping[str, Any], given: Any) -> Any:
        if isinstance(given, dict):
            nested = attribute.get("properties") or {}
            return {name: value(nested.get(name) or {}, one) for name, one in given.items()}
        if isinstance(given, list):
            return [value(attribute.get("items") or {}, one) for one in given]
        if not is_template(given):
            return given
        text = env.from_string(given).render(context)
        return (keys.decrypted(text) if attribute.get("secret") else text) if text else None

    return {name: value(schema.get(name) or {}, one) for name, one in config.items()}
