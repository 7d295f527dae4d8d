"""An action's parameters: from what was given to what the action runs with.

StackStorm does it in two steps, and so does this: `live` renders and checks what was given when
an execution is requested, and is what the execution shows; `final` adds the defaults when it
runs. What was given is rendered once, by whoever asks for the execution; `final` never does.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Mapping

import jinja2
from jinja2 import meta

from standalone import schemas
from standalone.casts import cast_parameters
from standalone.errors import ParameterError
from standalone.templates import (
    Keys,
    environment,
    is_template,
    key_context,
    render_whole,
)

Schema = Mapping[str, Mapping[str, Any]]


@dataclass
class Templates:
    """Parameters that may refer to each other, resolved on demand."""

    context: dict[str, Any]
    env: jinja2.Environment
    templates: dict[str, Any] = field(default_factory=dict)

    def add(self, name: str, value: Any) -> None:
        """One parameter. Text that isn't valid Jinja is a plain value."""
        self.context.pop(name, None)
        self.templates.pop(name, None)
        if is_template(value) and self._names(value) is not None:
            self.templates[name] = value
        else:
            self.context[name] = value

    def resolve(self) -> dict[str, Any]:
        """Every parameter rendered. Raises ParameterError."""
        for name in list(self.templates):
            self._resolve(name, ())
        return self.context

    def _names(self, template: Any) -> set[str] | None:
        """The names a template uses; None if it is no template; none are known of a bad one."""
        try:
            parsed = self.env.parse(str(template))
        except jinja2.TemplateSyntaxError:
            return None
        try:
            return set(meta.find_undeclared_variables(parsed))
        except jinja2.TemplateAssertionError:
            return set()

    def _resolve(self, name: str, waiting: tuple[str, ...]) -> None:
        if name in waiting:
            raise ParameterError(
                f"Cyclic dependency found in the following variables: {', '.join(sorted(waiting))}."
                " Likely the variable is referencing itself"
            )
        if name not in self.templates:
            return
        needed = self._names(self.templates[name]) or set()
        known = {one for one in needed if one in self.context or one in self.templates}
        if needed and not known:
            # StackStorm takes text that refers to nothing it knows as plain text
            self.context[name] = self.templates.pop(name)
            return
        if needed - known:
            raise ParameterError(f'Dependency unsatisfied in variable "{name}"')
        for one in sorted(known):
            self._resolve(one, (*waiting, name))
        self.context[name] = self._rendered(name)
        del self.templates[name]

    def _rendered(self, name: str) -> Any:
        try:
            return render_whole(self.templates[name], self.context, self.env)
        except Exception as error:
            raise ParameterError(f'Failed to render parameter "{name}": {error}') from error


@dataclass(frozen=True)
class Surroundings:
    """What an action's templates see besides its parameters."""

    keys: Keys | None = None
    pack_config: Mapping[str, Any] = field(default_factory=dict)
    action_context: Mapping[str, Any] = field(default_factory=dict)
    user: str = "stanley"
    """Whose keys `st2kv.user` are, unless the context names an `api_user`, as chat does."""
    more: Mapping[str, Any] = field(default_factory=dict)
    """Further names, as `trigger` for a rule."""

    def templates(self, schema: Schema, given: Mapping[str, Any], plain: bool) -> Templates:
        """Those given, as templates or as plain values, and the defaults of the others."""
        user = str(self.action_context.get("api_user") or self.user)
        context = {
            **key_context(self.keys, user),
            "action_context": self.action_context,
            "config_context": self.pack_config,
            **self.more,
        }
        templates = Templates(context, environment(self.keys))
        for name, value in given.items():
            if plain:
                templates.context[name] = value
            else:
                templates.add(name, value)
        for name, one in schema.items():
            if given.get(name) is None or one.get("immutable"):
                templates.add(name, one.get("default"))
        return templates


def live(schema: Schema, given: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """What was given, rendered and cast; and those defaults that are templates.

    `schema` is that of all parameters, the runner's too. Raises ParameterError.
    """
    values = around.templates(schema, given, plain=False).resolve()
    rendered = {name: values[name] for name in given}
    for name, one in schema.items():
        default = one.get("default")
        if name not in given and is_template(default) and not one.get("immutable"):
            rendered[name] = values[name]
    return _cast(schema, rendered)


def check(schema: Schema, given: Mapping[str, Any]) -> None:
    """Raises ParameterError for what is missing, unknown, of the wrong type or not to be set."""
    schemas.check_parameters(schema, given)
    fixed = sorted(name for name in given if (schema.get(name) or {}).get("immutable"))
    if fixed:
        raise ParameterError(f"Override of immutable parameter(s) {fixed} is unsupported.")


def final(schema: Schema, given: Mapping[str, Any], around: Surroundings) -> dict[str, Any]:
    """Everything the action runs with: `given` as it stands, and the defaults of the rest."""
    values = around.templates(schema, given, plain=True).resolve()
    return _cast(schema, {name: values.get(name) for name in {**schema, **given}})


def _cast(schema: Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return cast_parameters(schema, values)
    except ValueError as error:
        raise ParameterError(str(error)) from error
