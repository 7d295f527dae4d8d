"""When a rule matches: StackStorm's criteria, operator by operator."""

from __future__ import annotations

import fnmatch
import logging
import re
from datetime import datetime, timezone
from typing import Any, Callable, Mapping, Union

from dateutil import parser as dates

LOG = logging.getLogger(__name__)

Operator = Callable[[Any, Any], bool]
Path = list[Union[str, int]]

_STEP = re.compile(
    r"""\.?(?P<name>[A-Za-z_@]\w*)|\.?\[?(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]?"""
    r"""|\[(?P<index>\d+)\]"""
)


def path_of(key: str) -> Path:
    """`trigger.headers['X-A'][0]` as steps. A `#suffix`, which lets a key appear twice, goes.

    Raises ValueError for what this reader of JSONPath doesn't know.
    """
    text, position = key.split("#", 1)[0], 0
    steps: Path = []
    while position < len(text):
        step = _STEP.match(text, position)
        if step is None:
            raise ValueError(f'can\'t read "{text[position:]}" in the criteria key "{key}"')
        index = step.group("index")
        steps.append(int(index) if index else step.group("name") or step.group("quoted"))
        position = step.end()
    return steps


def look_up(key: str, context: Any) -> Any:
    """What `key` leads to in `context`; None when it leads nowhere."""
    found = context
    for step in path_of(key):
        try:
            found = found[step]
        except (KeyError, IndexError, TypeError):
            return None
    return found


def _folded(compare: Operator) -> Operator:
    return lambda value, pattern: compare(value.lower(), pattern.lower())


def _negated(compare: Operator) -> Operator:
    return lambda value, pattern: not compare(value, pattern)


def _equals(value: Any, pattern: Any) -> bool:
    return bool(value == pattern)


def _contains(value: Any, pattern: Any) -> bool:
    return pattern in value


def _inside(value: Any, pattern: Any) -> bool:
    return value in pattern


def _starts(value: Any, pattern: Any) -> bool:
    return bool(value.startswith(pattern))


def _ends(value: Any, pattern: Any) -> bool:
    return bool(value.endswith(pattern))


def _less(value: Any, pattern: Any) -> bool:
    return bool(value < pattern)


def _greater(value: Any, pattern: Any) -> bool:
    return bool(value > pattern)


def _age(text: str, now: datetime) -> float:
    moment = dates.parse(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=timezone.utc)
    return float((now - moment).total_seconds())


def _named(operator: Operator, *names: str) -> dict[str, Operator]:
    return dict.fromkeys(names, operator)


#: Operators on the value alone; `exists`, the time differences and `search` need more than that.
OPERATORS: dict[str, Operator] = {
    **_named(_equals, "eq", "equals"),
    **_named(_negated(_equals), "neq", "nequals"),
    **_named(_folded(_equals), "ieq", "iequals"),
    **_named(_contains, "contains"),
    **_named(_folded(_contains), "icontains"),
    **_named(_negated(_contains), "ncontains"),
    **_named(_negated(_folded(_contains)), "incontains"),
    **_named(_starts, "startswith"),
    **_named(_folded(_starts), "istartswith"),
    **_named(_ends, "endswith"),
    **_named(_folded(_ends), "iendswith"),
    **_named(_less, "lt", "lessthan"),
    **_named(_greater, "gt", "greaterthan"),
    **_named(_inside, "in", "inside"),
    **_named(_negated(_inside), "nin", "ninside"),
    "matchwildcard": lambda value, pattern: fnmatch.fnmatch(value, pattern),
    "matchregex": lambda value, pattern: bool(re.match(pattern, value, re.DOTALL)),
    "regex": lambda value, pattern: bool(re.search(pattern, value)),
    "iregex": lambda value, pattern: bool(re.search(pattern, value, re.IGNORECASE)),
}
TIME_DIFFERENCES: dict[str, Operator] = {
    **_named(_less, "td_lt", "timediff_lt"),
    **_named(_greater, "td_gt", "timediff_gt"),
}
#: With these a pattern of None has a meaning; every other operator is then false.
_NONE_COUNTS = ("neq", "nequals", "exists", "nexists")
KNOWN = {*OPERATORS, *TIME_DIFFERENCES, "exists", "nexists", "search"}


def problems(criteria: Mapping[str, Any]) -> list[str]:
    """Why StackStorm would refuse to register a rule with these criteria."""
    found = []
    for key, criterion in criteria.items():
        operator = str(criterion.get("type", "")).lower()
        if operator not in KNOWN:
            found.append(f'criterion "{key}": unknown operator "{operator}"')
        if "pattern" not in criterion:
            found.append(f'criterion "{key}": a pattern is required, even for {operator}')
        if operator == "search" and criterion.get("condition") not in ("any", "all"):
            found.append(f'criterion "{key}": the condition of a search is any or all')
    return found


class Criteria:
    """A rule's criteria, at a moment."""

    def __init__(
        self, criteria: Mapping[str, Any], *, now: datetime, render: Callable[[str], str]
    ) -> None:
        """`render` resolves Jinja in a pattern."""
        self._criteria, self._now, self._render = criteria, now, render

    def match(self, payload: Mapping[str, Any]) -> bool:
        """Whether all criteria hold. An empty payload satisfies no criteria at all."""
        if self._criteria and not payload:
            return False
        return self._all(self._criteria, {"trigger": payload})

    def _all(self, criteria: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        return all(self._holds(key, one, context) for key, one in criteria.items())

    def _holds(self, key: str, criterion: Mapping[str, Any], context: Mapping[str, Any]) -> bool:
        """One criterion. What can't be compared doesn't match; it is logged, as StackStorm does."""
        try:
            return self._compare(look_up(key, context), criterion)
        except Exception:
            LOG.exception("the criterion %s could not be evaluated and so does not match", key)
            return False

    def _compare(self, value: Any, criterion: Mapping[str, Any]) -> bool:
        operator, pattern = str(criterion["type"]).lower(), criterion.get("pattern")
        if isinstance(pattern, str):
            pattern = self._render(pattern)
        if pattern is None and operator not in _NONE_COUNTS:
            return False
        if operator in ("exists", "nexists"):
            return (value is None) == (operator == "nexists")
        if operator == "search":
            quantifier = {"any": any, "all": all}[criterion["condition"]]
            return quantifier(self._all(criterion["pattern"], {"item": item}) for item in value)
        if operator in TIME_DIFFERENCES:
            return TIME_DIFFERENCES[operator](_age(value, self._now), pattern)
        return OPERATORS[operator](value, pattern)
