"""The functions StackStorm adds to expressions: as filters in Jinja, by name in workflows."""

from __future__ import annotations

import json
import os.path
import re
from typing import Any, Callable

import yaml

from standalone.casts import NONE_MARK


def to_json_string(
    value: Any, indent: Any = None, sort_keys: bool = False, separators: Any = (",", ": ")
) -> str:
    return json.dumps(value, indent=indent, sort_keys=sort_keys, separators=separators)


def from_json_string(value: Any) -> Any:
    return json.loads(str(value))


def json_escape(value: Any) -> str:
    return json.dumps(value).strip('"')


def to_complex(value: Any) -> str:
    return json.dumps(value)


def to_yaml_string(value: Any, indent: Any = None, allow_unicode: bool = True) -> str:
    return str(
        yaml.safe_dump(value, indent=indent, allow_unicode=allow_unicode, default_flow_style=False)
    )


def from_yaml_string(value: Any) -> Any:
    return yaml.safe_load(str(value))


def use_none(value: Any) -> Any:
    return NONE_MARK if value is None else value


def _flags(ignorecase: bool) -> int:
    return re.IGNORECASE if ignorecase else 0


def regex_match(value: Any, pattern: str, ignorecase: bool = False) -> bool:
    return bool(re.match(pattern, str(value), _flags(ignorecase)))


def regex_search(value: Any, pattern: str, ignorecase: bool = False) -> bool:
    return bool(re.search(pattern, str(value), _flags(ignorecase)))


def regex_replace(value: Any, pattern: str, replacement: str, ignorecase: bool = False) -> str:
    return re.sub(pattern, replacement, str(value), flags=_flags(ignorecase))


def regex_substring(
    value: Any, pattern: str, result_index: int = 0, ignorecase: bool = False
) -> Any:
    return re.findall(pattern, str(value), _flags(ignorecase))[result_index]


def to_human_time_from_seconds(seconds: float) -> str:
    """`3m5s`, `1h0m0s`; years have 365 days."""
    if 0 < seconds < 1:
        return f"{seconds}\u03bcs"
    left = int(round(seconds))
    parts: list[str] = []
    for unit, size in (("y", 31_536_000), ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1)):
        count, left = divmod(left, size)
        if count or parts or unit == "s":
            parts.append(f"{count}{unit}")
    return "".join(parts)


def basename(path: str) -> str:
    return os.path.basename(path)


def dirname(path: str) -> str:
    return os.path.dirname(path)


#: Filters of Jinja in parameters, rules and aliases.
FILTERS: dict[str, Callable[..., Any]] = {
    function.__name__: function
    for function in (
        to_json_string,
        from_json_string,
        json_escape,
        to_complex,
        to_yaml_string,
        from_yaml_string,
        use_none,
        regex_match,
        regex_search,
        regex_replace,
        regex_substring,
        to_human_time_from_seconds,
        basename,
        dirname,
    )
}

#: Functions of expressions in workflows; some are known there by a second name.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **FILTERS,
    "json_dump": to_json_string,
    "json_parse": from_json_string,
    "yaml_dump": to_yaml_string,
    "yaml_parse": from_yaml_string,
}
