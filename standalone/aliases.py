"""Chat commands: which alias a command means, and what it answers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Mapping

import jinja2

from standalone import shapes
from standalone.alias_format import NoMatchError, formats, read
from standalone.casts import cast_parameters, comma_separated
from standalone.errors import NotFoundError, NotOfferedError, RequestError
from standalone.executions import USER
from standalone.resources import Alias
from standalone.templates import environment, key_context, render

if TYPE_CHECKING:
    from standalone.app import App

#: How an execution is told when its alias doesn't say how.
_DEFAULT = "{{ execution.action.ref }}: {{ execution.status }}\n{{ execution.result }}"


@dataclass(frozen=True)
class Match:
    """An alias and that format of it which a command has."""

    alias: Alias
    display: str
    representation: str

    def to_dict(self) -> dict[str, Any]:
        """As the API shows it."""
        return {
            "actionalias": shapes.alias(self.alias),
            "display": self.display,
            "representation": self.representation,
        }


class Aliases:
    """The action aliases of all packs."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.all: tuple[Alias, ...] = tuple(
            alias for pack in app.packs.values() for alias in pack.aliases.values()
        )

    def get(self, ref_or_id: str) -> Alias:
        """Raises NotFoundError."""
        for alias in self.all:
            if ref_or_id in (alias.ref, shapes.alias(alias)["id"]):
                return alias
        raise NotFoundError(f"Resource with a reference or id {ref_or_id} not found")

    def match(self, command: str) -> Match:
        """The only format that reads the command. Raises RequestError for none or several."""
        found = [
            Match(alias, display, written)
            for alias in self.all
            for display, written, several in formats(alias.formats)
            if alias.enabled and not several and _reads(written, command)
        ]
        if len(found) > 1:
            named = ", ".join(sorted({f'"{one.representation}"' for one in found}))
            raise RequestError(f"Command '{command}' matched more than 1 pattern: {named}")
        if not found:
            raise RequestError(f"Command '{command}' matched no patterns")
        return found[0]

    def match_and_execute(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Executes what the command means, as errbot and `st2 action-alias execute` ask for it."""
        match = self.match(_text(payload, "command"))
        named = {"name": match.alias.name, "format": match.representation}
        return {"results": [self.execute({**payload, **named})]}

    def execute(self, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Executes the alias `name`, reading `command` by its `format`, as hubot asks for it.

        `payload` also has user, source_channel and notification_route. The answer holds the
        execution, the alias and, where the alias has an ack, its `message` and `extra`.
        Raises RequestError.
        """
        alias = self._named(_text(payload, "name"))
        given = self._parameters(alias, payload)
        context = {
            "action_alias_ref": {"id": shapes.alias(alias)["id"], "name": alias.name},
            "api_user": payload.get("user"),
            "user": USER,
            "source_channel": payload.get("source_channel"),
        }
        given = self._with_immutable(alias, given, context)
        action = self.app.action(alias.action_ref)
        if action is None:
            raise NotFoundError(f'Action with ref "{alias.action_ref}" not found')
        try:
            parameters = cast_parameters(action.schema, given, {"array": comma_separated})
        except ValueError as error:
            raise RequestError(str(error)) from error
        execution = self.app.executions.request(
            action.ref, parameters, context=context, notify=_notify(payload), rendered=True
        )
        return _acknowledged(alias, execution)

    def answer(self, execution: Mapping[str, Any]) -> str | None:
        """What the chat is told of an execution that has ended; None if the alias tells nothing.

        `{~}`, which parts Slack's text from its attachment, becomes a new line. A name that
        nothing has is empty, as in StackStorm.
        """
        told = self._alias_of(execution)
        result = told.result if told else {}
        if not result.get("enabled", True):
            return None
        context = {"execution": execution, "alias": shapes.alias(told) if told else {}}
        made = environment(self.app.keys, jinja2.Undefined)
        text = made.from_string(result.get("format") or _DEFAULT).render(context)
        before, mark, after = text.partition("{~}")
        return f"{before.rstrip()}\n{after.lstrip()}".strip() if mark else text

    def help(self, pack: str | None = None, pattern: str = "") -> list[dict[str, str]]:
        """Every way to say every enabled alias, in the order of packs; `pattern` is a regex."""
        chosen = [one for one in self.all if one.enabled and pack in (None, "", one.pack)]
        return [
            {"pack": alias.pack, "display": display, "description": alias.description}
            for alias in sorted(chosen, key=lambda one: one.pack)
            for display in dict.fromkeys(shown for shown, _, _ in formats(alias.formats))
            if re.search(pattern, display, re.IGNORECASE)
        ]

    def _named(self, name: str) -> Alias:
        found = [alias for alias in self.all if alias.name == name]
        if not found:
            raise NotFoundError(f'Unable to identify action alias with name "{name}".')
        if len(found) > 1:
            packs = ", ".join(sorted(alias.pack for alias in found))
            raise RequestError(f'The alias name "{name}" is not unique: it is in {packs}.')
        if not found[0].enabled:
            raise RequestError(f'Action alias with name "{name}" is disabled.')
        return found[0]

    @staticmethod
    def _parameters(alias: Alias, payload: Mapping[str, Any]) -> dict[str, str]:
        asked = payload.get("format") or ""
        several = {written: each for _, written, each in formats(alias.formats)}
        if asked not in several:
            raise RequestError(
                f'Format string "{asked}" is not available on the alias "{alias.name}"'
            )
        if several[asked]:
            raise NotOfferedError("match_multiple is not offered here: a command is one execution")
        try:
            return read(asked, _text(payload, "command"))
        except NoMatchError as error:
            raise RequestError(str(error)) from error

    def _with_immutable(
        self, alias: Alias, given: Mapping[str, Any], context: Mapping[str, Any]
    ) -> dict[str, Any]:
        fixed = alias.immutable_parameters
        overridden = [name for name in fixed if name in given]
        if overridden:
            raise RequestError(
                f"Immutable arguments cannot be overriden: {','.join(sorted(overridden))}"
            )
        visible = {**key_context(self.app.keys, USER), **context}
        return {**given, **render(dict(fixed), visible, self.app.keys)}

    def _alias_of(self, execution: Mapping[str, Any]) -> Alias | None:
        asked = (execution.get("context") or {}).get("action_alias_ref") or {}
        return self.get(asked["id"]) if asked else None


def _reads(format_: str, command: str) -> bool:
    try:
        read(format_, command)
    except NoMatchError:
        return False
    return True


def _text(payload: Mapping[str, Any], name: str) -> str:
    value = payload.get(name)
    if not isinstance(value, str) or not value:
        raise RequestError(f'Alias execution "{name}" is required')
    return value


def _notify(payload: Mapping[str, Any]) -> dict[str, Any]:
    route = payload.get("notification_route") or payload.get("notification_channel")
    names = ("user", "source_channel", "source_context")
    told = {name: payload.get(name) for name in names}
    return {"on-complete": {"routes": [route], "data": told}}


def _acknowledged(alias: Alias, execution: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to the request, with the alias's ack in it. What can't be rendered says so."""
    result: dict[str, Any] = {"execution": execution, "actionalias": shapes.alias(alias)}
    for part, shown in (("format", "message"), ("extra", "extra")):
        if part in alias.ack:
            try:
                result[shown] = render(alias.ack[part], result)
            except jinja2.UndefinedError as error:
                result[shown] = f'Cannot render "{part}" in field "ack" for alias. {error}'
    return result
