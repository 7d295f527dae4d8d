"""Jinja, as StackStorm renders it: which names exist, which filters, and what is left alone."""

from __future__ import annotations

import json
import re
from typing import Any, Callable, Mapping, Protocol

import jinja2
from jinja2 import sandbox

from standalone.functions import FILTERS

_BARE_NAME = re.compile(r'"{{([A-Za-z0-9_-]+)}}"')


class Keys(Protocol):
    """What templates need of the datastore."""

    def text(self, name: str, scope: str = "system", user: str | None = None) -> str | None:
        """The value as it is stored (encrypted if it is a secret), or None."""

    def decrypted(self, text: str) -> str:
        """The plain text of an encrypted value."""


class KeyLookup:
    """`st2kv.system.a.b` in a template: any chain of names is a key; a missing one is empty."""

    def __init__(self, read: Callable[[str], str | None], name: str = "") -> None:
        self._read = read
        self._name = name

    def __getattr__(self, name: str) -> KeyLookup:
        if name.startswith("__"):
            raise AttributeError(name)
        return KeyLookup(self._read, f"{self._name}.{name}" if self._name else name)

    __getitem__ = __getattr__

    def __str__(self) -> str:
        return self._read(self._name) or ""

    def __int__(self) -> int:
        return int(str(self))

    def __float__(self) -> float:
        return float(str(self))


def key_context(keys: Keys | None, user: str) -> dict[str, Any]:
    """`st2kv` for a template: `st2kv.system` and the `st2kv.user` of `user`."""

    def system(name: str) -> str | None:
        return keys.text(name) if keys else None

    def own(name: str) -> str | None:
        return keys.text(name, "user", user) if keys else None

    return {"st2kv": {"system": KeyLookup(system), "user": KeyLookup(own)}}


def _decrypt_with(keys: Keys | None) -> Callable[[Any], str]:
    def decrypt_kv(value: Any) -> str:
        text = str(value)
        if not text or keys is None:
            raise ValueError("the datastore item to decrypt doesn't exist or is empty")
        return keys.decrypted(text)

    return decrypt_kv


def environment(
    keys: Keys | None = None, undefined: type[jinja2.Undefined] = jinja2.StrictUndefined
) -> jinja2.Environment:
    """A sandboxed Jinja with StackStorm's settings and filters."""
    made = sandbox.SandboxedEnvironment(
        undefined=undefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    made.filters.update(FILTERS, decrypt_kv=_decrypt_with(keys))
    made.tests["in"] = lambda item, values: item in values
    return made


def is_template(value: Any) -> bool:
    """Whether StackStorm would look at `value` as Jinja."""
    text = str(value) if isinstance(value, (list, dict)) else value
    return isinstance(text, str) and ("{{" in text or "{%" in text)


def render(value: Any, context: Mapping[str, Any], keys: Keys | None = None) -> Any:
    """Text inside `value` rendered, however deep. Raises jinja2.TemplateError."""
    made = environment(keys)

    def walk(part: Any) -> Any:
        if isinstance(part, dict):
            return {name: walk(one) for name, one in part.items()}
        if isinstance(part, list):
            return [walk(one) for one in part]
        return made.from_string(part).render(context) if is_template(part) else part

    return walk(value)


def render_whole(template: Any, context: Mapping[str, Any], made: jinja2.Environment) -> Any:
    """A template as StackStorm renders a parameter: structures pass through JSON as text.

    Inside a structure the string `"{{name}}"`, without spaces, keeps the type of what it names;
    other expressions become text.
    """
    if isinstance(template, str):
        return made.from_string(template).render(context)
    text = _BARE_NAME.sub(r"{{\1 | to_complex}}", json.dumps(template))
    return json.loads(made.from_string(text).render(context))
