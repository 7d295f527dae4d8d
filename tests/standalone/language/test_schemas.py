"""JSON schemas as StackStorm reads them."""

from __future__ import annotations

from standalone.schemas import problem

MOOD = {"type": "object", "properties": {"mood": {"type": "string", "required": True}}}


def test_required_belongs_to_the_property() -> None:
    assert problem(MOOD, {"mood": "good"}) is None
    assert problem(MOOD, {}) == "'mood' is a required property"


def test_a_list_of_required_names_makes_the_schema_wrong_and_nothing_fits_it() -> None:
    assert "the schema is wrong" in str(problem({**MOOD, "required": ["mood"]}, {"mood": "good"}))
