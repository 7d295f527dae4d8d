"""Looks a workflow over before it starts, as StackStorm does."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

from standalone import shim  # noqa: F401  (before orquesta)
from standalone.resources import Action
from standalone.yaml_files import read_yaml

from orquesta.expressions import base as evaluators  # isort: skip
from orquesta.specs import loader  # isort: skip

_SCHEMA = "properties.tasks.patternProperties.^\\w+$.properties"
_KINDS = {
    "contents": "content",
    "context": "context",
    "expressions": "expression",
    "semantics": "semantic",
    "syntax": "syntax",
}
_sound: dict[str, Any] = {}


class Unsound(ValueError):
    """The workflow can't run; `errors` says why, in orquesta's shape."""

    def __init__(self, errors: list[dict[str, Any]]) -> None:
        super().__init__(f"the workflow has errors: {errors}")
        self.errors = errors


def load_workflow(path: Path, find: Callable[[str], Action | None], context: Any) -> Any:
    """The workflow's specification. Raises Unsound, and RegistrationError for bad YAML.

    `context` is what expressions may refer to besides the workflow's own variables.
    """
    text = path.read_text()
    spec = _sound.get(text)
    errors: list[dict[str, Any]] = []
    if spec is None:
        read_yaml(path)  # for what orquesta 1.2.0 lets pass: a key that stands twice
        spec = loader.get_spec_module("native").instantiate(text)
        for kind, entries in spec.inspect(app_ctx=context, raise_exception=False).items():
            errors += [_entry(_KINDS[kind], entry) for entry in entries]
    errors += _content_errors(spec, find)
    if errors:
        raise Unsound(sorted(errors, key=lambda one: (one["type"], one["schema_path"] or "")))
    _sound[text] = spec
    return spec


def _entry(kind: str, entry: dict[str, Any]) -> dict[str, Any]:
    language = {"language": entry["type"]} if kind in ("context", "expression") else {}
    return {**entry, **language, "type": kind}


def _content_errors(spec: Any, find: Callable[[str], Action | None]) -> list[dict[str, Any]]:
    """Actions that aren't there, and inputs that they lack or don't know."""
    errors = []
    for name, task in spec.tasks.items():
        ref = getattr(task, "action", None)
        if not ref or evaluators.has_expressions(ref):
            continue
        action = find(ref)
        if action is None:
            message = f'The action "{ref}" is not registered in the database.'
            errors.append(_content(message, f"tasks.{name}.action", f"{_SCHEMA}.action"))
            continue
        given = getattr(task, "input", None) or {}
        if isinstance(given, dict):
            errors += _input_errors(name, action, given)
    return errors


def _input_errors(task: str, action: Action, given: dict[str, Any]) -> list[dict[str, Any]]:
    schema, at, path = action.schema, f"tasks.{task}.input", f"{_SCHEMA}.input"
    missing = [
        _content(f'Action "{action.ref}" is missing required input "{name}".', at, path)
        for name, one in sorted(schema.items())
        if one.get("required") and one.get("default") is None and name not in given
    ]
    return missing + [
        _content(
            f'Action "{action.ref}" has unexpected input "{name}".',
            f"{at}.{name}",
            f"{path}.patternProperties.^\\w+$",
        )
        for name in sorted(set(given) - set(schema))
    ]


def _content(message: str, spec_path: str, schema_path: str) -> dict[str, Any]:
    return {
        "type": "content",
        "message": message,
        "spec_path": spec_path,
        "schema_path": schema_path,
    }
