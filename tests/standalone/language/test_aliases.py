from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from standalone import shapes
from standalone.aliases import Aliases
from standalone.errors import NotFoundError, NotOfferedError, RequestError
from standalone.resources import Alias, Pack


def aliases(*given: Alias) -> Aliases:
    packs: dict[str, Pack] = {}
    for one in given:
        known = dict(packs[one.pack].aliases) if one.pack in packs else {}
        packs[one.pack] = Pack(one.pack, None, {}, aliases={**known, one.name: one})  # type: ignore[arg-type]
    app: Any = SimpleNamespace(packs=packs, keys=None)
    return Aliases(app)


def alias(name: str, *formats: Any, pack: str = "p", **more: Any) -> Alias:
    return Alias(name, pack, f"{pack}.act", formats, **more)


def test_two_formats_that_both_match_are_an_error() -> None:
    known = aliases(alias("one", "asg {{ what }}"), alias("two", "asg list"))
    with pytest.raises(RequestError, match="matched more than 1 pattern"):
        known.match("asg list")
    assert known.match("asg plan").alias.name == "one"


def test_a_disabled_alias_matches_nothing_and_is_not_executed() -> None:
    known = aliases(alias("one", "asg list", enabled=False))
    with pytest.raises(RequestError, match="matched no patterns"):
        known.match("asg list")
    with pytest.raises(RequestError, match="is disabled"):
        known.execute({"name": "one", "format": "asg list", "command": "asg list"})
    assert known.help() == []


def test_an_alias_is_found_by_its_name_alone_so_it_has_to_be_unique() -> None:
    known = aliases(alias("one", "a", pack="p"), alias("one", "b", pack="q"))
    with pytest.raises(RequestError, match="not unique: it is in p, q"):
        known.execute({"name": "one", "format": "a", "command": "a"})


def test_several_matches_in_one_command_are_not_offered() -> None:
    several = {"display": "d", "representation": ["asg {{ x }}"], "match_multiple": True}
    with pytest.raises(NotOfferedError):
        aliases(alias("one", several)).execute(
            {"name": "one", "format": "asg {{ x }}", "command": "asg a"}
        )


def test_without_the_alias_there_is_no_answer() -> None:
    with pytest.raises(NotFoundError):
        aliases().answer({"context": {"action_alias_ref": {"id": "gone"}}})


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"format": "{{ execution.result.output.n }} nodes"}, "3 nodes"),
        ({"format": "Done.{~}{{ execution.result.output.n }} nodes"}, "Done.\n3 nodes"),
        ({"format": "[{{ nothing }}]"}, "[]"),
        ({"format": "x", "enabled": False}, None),
        ({}, "p.act: succeeded\n{'output': {'n': 3}}"),
    ],
)
def test_the_answer_is_what_the_alias_makes_of_the_result(
    result: dict[str, Any], expected: str | None
) -> None:
    one = alias("one", "asg list", result=result)
    execution = {
        "action": {"ref": "p.act"},
        "status": "succeeded",
        "result": {"output": {"n": 3}},
        "context": {"action_alias_ref": {"id": shapes.alias(one)["id"], "name": "one"}},
    }
    assert aliases(one).answer(execution) == expected
