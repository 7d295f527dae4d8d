from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from standalone.criteria import Criteria, problems

NOW = datetime(2024, 5, 6, 12, 0, 0, tzinfo=timezone.utc)
TEN_SECONDS_AGO = "2024-05-06T11:59:50Z"

OPERATORS = [
    ("eq", "a", "a", True),
    ("equals", 1, "1", False),
    ("equals", 1, 1, True),
    ("equals", None, None, False),
    ("neq", "a", "b", True),
    ("nequals", None, "b", True),
    ("ieq", "WEB", "web", True),
    ("iequals", 3, "3", False),
    ("contains", "website", "bsi", True),
    ("contains", ["web", "db"], "db", True),
    ("contains", None, "db", False),
    ("icontains", "WEBSITE", "bsi", True),
    ("ncontains", "website", "x", True),
    ("incontains", "WEBSITE", "web", False),
    ("startswith", "website", "web", True),
    ("istartswith", "Website", "wEB", True),
    ("endswith", "website", "site", True),
    ("iendswith", "WEBSITE", "site", True),
    ("lt", 1, 2, True),
    ("lessthan", 2, 2, False),
    ("gt", 3, 2, True),
    ("greaterthan", "3", 2, False),
    ("in", "web", ["web", "db"], True),
    ("inside", "eb", "web", True),
    ("nin", "web", ["db"], True),
    ("ninside", "web", ["web"], False),
    ("matchwildcard", "web-3.example", "web-?.*", True),
    ("matchregex", "line\nnext", "l.*next", True),
    ("matchregex", "a web", "web", False),
    ("regex", "a web", "web", True),
    ("iregex", "A WEB", "web", True),
    ("REGEX", "web", "^w", True),
    ("exists", 0, "", True),
    ("exists", None, "", False),
    ("nexists", None, "", True),
    ("td_lt", TEN_SECONDS_AGO, 20, True),
    ("timediff_lt", TEN_SECONDS_AGO, 5, False),
    ("td_gt", TEN_SECONDS_AGO, 5, True),
    ("timediff_gt", "2024-05-06 11:59:50", 5, True),
]


def matches(criteria: dict[str, Any], payload: Any) -> bool:
    return Criteria(criteria, now=NOW, render=lambda text: text.replace("{{ k }}", "web")).match(
        payload
    )


@pytest.mark.parametrize(("operator", "value", "pattern", "expected"), OPERATORS)
def test_each_operator_compares_as_stackstorm_does(
    operator: str, value: Any, pattern: Any, expected: bool
) -> None:
    criteria = {"trigger.value": {"type": operator, "pattern": pattern}}
    assert matches(criteria, {"value": value, "other": 1}) is expected


@pytest.mark.parametrize(
    "key",
    [
        "trigger.body.alerts[0].name",
        "trigger['body'].alerts[0]['name']",
        'trigger.headers["X-Name"]',
        "trigger.headers['X-Name']#2",
    ],
)
def test_a_key_may_be_written_as_a_path_with_quotes_and_numbers(key: str) -> None:
    payload = {"body": {"alerts": [{"name": "web"}]}, "headers": {"X-Name": "web"}}
    assert matches({key: {"type": "eq", "pattern": "web"}}, payload)


def test_a_key_may_stand_twice_with_a_suffix() -> None:
    criteria = {
        "trigger.n#1": {"type": "gt", "pattern": 1},
        "trigger.n#2": {"type": "lt", "pattern": 5},
    }
    assert matches(criteria, {"n": 3})
    assert not matches(criteria, {"n": 6})


def test_a_name_with_a_hyphen_has_to_be_quoted() -> None:
    assert not matches({"trigger.a-b": {"type": "eq", "pattern": 1}}, {"a-b": 1})


def test_no_criteria_match_anything_and_an_empty_payload_matches_no_criteria() -> None:
    assert matches({}, {})
    assert not matches({"trigger.x": {"type": "nexists", "pattern": ""}}, {})


def test_a_pattern_is_rendered() -> None:
    assert matches({"trigger.x": {"type": "eq", "pattern": "{{ k }}"}}, {"x": "web"})


@pytest.mark.parametrize(("condition", "expected"), [("any", True), ("all", False)])
def test_search_looks_into_the_items_of_a_list(condition: str, expected: bool) -> None:
    pattern = {
        "item.name": {"type": "eq", "pattern": "Status"},
        "item.to": {"type": "in", "pattern": ["Approved", "Closed"]},
    }
    criteria = {"trigger.fields": {"type": "search", "condition": condition, "pattern": pattern}}
    fields = [{"name": "Status", "to": "Closed"}, {"name": "Owner", "to": "me"}]
    assert matches(criteria, {"fields": fields}) is expected


def test_what_stackstorm_would_not_register_is_named() -> None:
    criteria = {
        "trigger.a": {"type": "exists"},
        "trigger.b": {"type": "about", "pattern": 1},
        "trigger.c": {"type": "search", "pattern": {}},
    }
    text = "\n".join(problems(criteria))
    assert '"trigger.a": a pattern is required, even for exists' in text
    assert '"trigger.b": unknown operator "about"' in text
    assert '"trigger.c": the condition of a search is any or all' in text
    assert not problems({"trigger.a": {"type": "exists", "pattern": ""}})
