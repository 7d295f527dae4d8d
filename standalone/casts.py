"""Values as text become values of the type a parameter declares, as StackStorm casts them."""

from __future__ import annotations

import ast
import json
from typing import Any, Callable, Mapping

#: What the filter `use_none` leaves in rendered text, to become None here.
NONE_MARK = "%*****__%NONE%__*****%"

Cast = Callable[[Any], Any]


def _structure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return ast.literal_eval(value)


def _boolean(value: Any) -> Any:
    return ast.literal_eval(value.capitalize()) if isinstance(value, str) else value


def _string(value: Any) -> str:
    if not isinstance(value, str):
        kind = type(value).__name__
        raise ValueError(f'Value "{value}" must either be a string or None. Got "{kind}".')
    return value


CASTS: dict[str, Cast] = {
    "array": _structure,
    "boolean": _boolean,
    "integer": int,
    "number": float,
    "object": _structure,
    "string": _string,
}


def comma_separated(value: Any) -> Any:
    """An array as people type it in chat: `a, b` is two items, and JSON is not understood."""
    return value if isinstance(value, list) else [item.strip() for item in value.split(",")]


def cast(schema: Mapping[str, Any], value: Any, casts: Mapping[str, Cast] = CASTS) -> Any:
    """`value` as the type `schema` declares; None and undeclared types stay as they are.

    Raises ValueError when the value can't be read as that type.
    """
    kind = (schema or {}).get("type")
    if value is None or value == NONE_MARK:
        return None
    if not isinstance(kind, str) or kind not in casts:
        return value
    try:
        return casts[kind](value)
    except (SyntaxError, TypeError) as error:
        raise ValueError(f'Value "{value}" is not of type {kind}: {error}') from error


def cast_parameters(
    schema: Mapping[str, Mapping[str, Any]],
    given: Mapping[str, Any],
    overrides: Mapping[str, Cast] | None = None,
) -> dict[str, Any]:
    """Every given parameter as the type `schema` declares for its name."""
    casts = {**CASTS, **(overrides or {})}
    return {name: cast(schema.get(name) or {}, value, casts) for name, value in given.items()}
