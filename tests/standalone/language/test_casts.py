from __future__ import annotations

from typing import Any

import pytest

from standalone.casts import cast, cast_parameters, comma_separated

CASTS = [
    ("integer", "5", 5),
    ("integer", 5.0, 5),
    ("number", "2", 2.0),
    ("boolean", "true", True),
    ("boolean", "False", False),
    ("boolean", True, True),
    ("array", '["a", 1]', ["a", 1]),
    ("array", "['a', None]", ["a", None]),
    ("object", '{"a": true}', {"a": True}),
    ("object", "{'a': True}", {"a": True}),
    ("object", {"a": 1}, {"a": 1}),
    ("string", "5", "5"),
    ("string", "%*****__%NONE%__*****%", None),
    ("integer", None, None),
    (None, "5", "5"),
    (["string", "integer"], 5, 5),
]


@pytest.mark.parametrize(("kind", "given", "expected"), CASTS)
def test_text_becomes_the_type_that_is_declared(kind: Any, given: Any, expected: Any) -> None:
    made = cast({"type": kind} if kind else {}, given)
    assert made == expected
    assert type(made) is type(expected)


@pytest.mark.parametrize(
    ("kind", "given"),
    [("integer", "two"), ("boolean", "yes"), ("array", "a,b"), ("string", 5), ("integer", [])],
)
def test_text_of_another_type_is_refused(kind: str, given: Any) -> None:
    with pytest.raises(ValueError, match="."):
        cast({"type": kind}, given)


def test_a_parameter_without_a_schema_stays_as_it_is() -> None:
    assert cast_parameters({"a": {"type": "integer"}}, {"a": "1", "b": "1"}) == {"a": 1, "b": "1"}


def test_in_chat_an_array_is_split_at_commas() -> None:
    made = cast_parameters({"a": {"type": "array"}}, {"a": "x, y"}, {"array": comma_separated})
    assert made == {"a": ["x", "y"]}
