"""Reads a chat command by an alias's format, as StackStorm's parser does.

`key=value` pairs at the end of a command are cut off before the rest is compared with the
format, so `asg create name=web` is read by the format `asg create`, and a format that has a
required parameter there doesn't read it.
"""

from __future__ import annotations

import re
import warnings
from typing import Pattern

_KEY = r"\s*(\S+?)\s*"
#: Quoted, a JSON object, or one word; the empty quotes come first, so that they are a value too.
_VALUE = r'""|\'\'|"(.+?)"|\'(.+?)\'|({.+?})|(\S+)'
_PAIR = rf"(?:^|\s+){_KEY}=({_VALUE})"
_ENDING = re.compile(rf".*?(({_PAIR}\s*)*)$", re.DOTALL)
_PAIRS = re.compile(_PAIR, re.DOTALL)
_OPTIONAL = rf'{{{{{_KEY}\s*=\s*(?:""|\'\'|"(.+?)"|\'(.+?)\'|({{.+?}})|(.+?))\s*}}}}'
_REQUIRED = rf"{{{{{_KEY}}}}}"
_PARAMETER = r"""\1["']?(?P<\2>(?:(?<=').+?(?=')|(?<=").+?(?=")|{.+?}|.+?))["']?"""


class NoMatchError(ValueError):
    """The command doesn't have this format."""


def read(format_: str, command: str) -> dict[str, str]:
    """The parameters in `command`, as text. Raises NoMatchError."""
    rest, pairs = _cut_pairs(command)
    found = _pattern(format_).search(f" {rest} ")
    if found is None:
        raise NoMatchError(f'Command "{command}" doesn\'t match format string "{format_}"')
    values = found.groupdict()
    for name, *default in re.findall(_OPTIONAL, format_, re.DOTALL):
        values[name] = values[name] or "".join(default)
    values.update(pairs)
    if format_ and not (rest.strip() or any(values.values())):
        raise NoMatchError("No value supplied and no default value found.")
    return values


def _cut_pairs(command: str) -> tuple[str, dict[str, str]]:
    ending = _ENDING.match(command)
    tail = ending.group(1) if ending else ""
    if not tail:
        return command, {}
    pairs = {key: "".join(parts) for key, _, *parts in _PAIRS.findall(tail)}
    return command.replace(tail, ""), pairs


def _pattern(format_: str) -> Pattern[str]:
    """A format is a regular expression, in which `{{ ... }}` are groups. Anchored, unless it is."""
    text = re.sub(rf"(\s*){_OPTIONAL}", rf"(?:{_PARAMETER})?", format_)
    text = re.sub(rf"(\s*){_REQUIRED}", _PARAMETER, text)
    start = "" if text.startswith(("^", r"\A")) else r"^\s*"
    end = "" if text.endswith(("$", r"\Z")) else r"\s*$"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a format is no regular expression to its author
        return re.compile(start + text + end, re.DOTALL)


def formats(alias_formats: tuple[object, ...]) -> list[tuple[str, str, bool]]:
    """Each format as (display, representation, match_multiple)."""
    found = []
    for one in alias_formats:
        if isinstance(one, dict):
            shown, several = one.get("display"), bool(one.get("match_multiple"))
            written = one.get("representation") or [shown]
            texts = [written] if isinstance(written, str) else written
            found += [(shown or text, text, several) for text in texts]
        else:
            found.append((str(one), str(one), False))
    return found
