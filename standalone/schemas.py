"""JSON schemas as StackStorm writes them: `required` is a boolean on the property itself."""

from __future__ import annotations

from typing import Any, Mapping

import jsonschema

from standalone.errors import ParameterError


def _property(schema: Mapping[str, Any]) -> dict[str, Any]:
    """One property in standard form. Optional ones may be null."""
    made = standard(schema)
    optional = not schema.get("required")
    if optional and schema.get("default") is None and "type" in made:
        kinds = made["type"] if isinstance(made["type"], list) else [made["type"]]
        made["type"] = [*kinds, "null"]
    return made


def standard(schema: Mapping[str, Any]) -> dict[str, Any]:
    """The schema in the form that validators understand, however deep."""
    made = {key: value for key, value in schema.items() if key != "required"}
    properties = schema.get("properties")
    if isinstance(properties, dict):
        made["properties"] = {name: _property(one or {}) for name, one in properties.items()}
        made["required"] = [
            name
            for name, one in properties.items()
            if (one or {}).get("required") is True and (one or {}).get("default") is None
        ]
        if not made["required"]:
            del made["required"]
    if isinstance(schema.get("items"), dict):
        made["items"] = standard(schema["items"])
    return made


def problem(schema: Mapping[str, Any], value: Any) -> str | None:
    """Why `value` does not fit `schema`, or None if it does. Nothing fits one that is wrong."""
    if not isinstance(schema.get("required", False), bool):
        return "the schema is wrong: required belongs to each property, as true or false"
    errors = jsonschema.Draft4Validator(standard(schema)).iter_errors(value)
    first = next(iter(errors), None)
    return first.message if first else None


def check_parameters(schema: Mapping[str, Any], given: Mapping[str, Any]) -> None:
    """Raises ParameterError, in the validator's words, if `given` doesn't fit the parameters.

    A parameter given as None counts as not given when it has a default.
    """
    present = {
        name: value
        for name, value in given.items()
        if value is not None or (schema.get(name) or {}).get("default") is None
    }
    whole = {"type": "object", "properties": dict(schema), "additionalProperties": False}
    message = problem(whole, present)
    if message:
        raise ParameterError(message)
