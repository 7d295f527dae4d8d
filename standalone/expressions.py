"""The functions of a workflow's expressions: orquesta's own, StackStorm's, st2kv and task.

Importing this registers them, for YAQL and Jinja alike. It has to come before orquesta's
evaluators, which is what `shim` sees to.
"""

from __future__ import annotations

from typing import Any, Callable, Protocol

from standalone.functions import FUNCTIONS
from standalone.templates import Keys

from orquesta import exceptions  # isort: skip
from orquesta.expressions.functions import base  # isort: skip


class Scope(Protocol):
    """What the functions need of the workflow in which they are evaluated."""

    user: str
    keys: Keys

    def task(self, name: str, route: int | None) -> dict[str, Any]:
        """What is known of a task. Raises LookupError."""


SCOPES: dict[str, Scope] = {}
"""The workflows that run now, by the id of their execution."""


def _scope(context: Any) -> Scope:
    try:
        return SCOPES[context["__vars"]["st2"]["action_execution_id"]]
    except KeyError as error:
        raise exceptions.ExpressionEvaluationException("not evaluated in a workflow") from error


def ctx_(context: Any, key: str | None = None) -> Any:
    """orquesta's function `ctx`; the variables may be those of `lean`, converted when asked for."""
    variables = context["__vars"]
    if not key:
        if hasattr(variables, "public"):
            return variables.public()
        return {name: one for name, one in variables.items() if not name.startswith("__")}
    if key not in variables:
        raise exceptions.VariableUndefinedError(key)
    if key.startswith("__"):
        raise exceptions.VariableInaccessibleError(key)
    return variables[key]


def st2kv_(context: Any, key: str, **kwargs: Any) -> Any:
    """A key's value: `system.name`, or `name` or `user.name` of the user who runs the workflow.

    `decrypt` decrypts it. A missing key is an error unless there is a `default`.
    """
    scope = _scope(context)
    kind, _, name = key.partition(".")
    if kind not in ("system", "user") or not name:
        kind, name = "user", key
    text = scope.keys.text(name, kind, scope.user)
    if text is None:
        if "default" in kwargs:
            return kwargs["default"]
        message = f'The key "{key}" does not exist in the StackStorm datastore.'
        raise exceptions.ExpressionEvaluationException(message)
    return scope.keys.decrypted(text) if kwargs.get("decrypt") else text


def task_(context: Any, task_id: str, route: int | None = None) -> dict[str, Any]:
    """A task's id, name, route, status, result and times."""
    try:
        return _scope(context).task(task_id, route)
    except LookupError as error:
        raise exceptions.ExpressionEvaluationException(str(error)) from error


def _plain(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function on lists and dicts of Python, which YAQL's own are not."""

    def called(value: Any, *args: Any, **kwargs: Any) -> Any:
        return function(thawed(value), *args, **kwargs)

    called.__name__ = function.__name__
    return called


def thawed(value: Any) -> Any:
    """YAQL's frozen dicts and tuples as those of Python."""
    if hasattr(value, "items"):
        return {key: thawed(one) for key, one in value.items()}
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        return value
    return [thawed(one) for one in value]


_catalog = base.load()
_catalog.update({name: _plain(function) for name, function in FUNCTIONS.items()})
_catalog.update({"ctx": ctx_, "st2kv": st2kv_, "task": task_})
