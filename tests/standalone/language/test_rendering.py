from __future__ import annotations

from typing import Any

import pytest

from standalone.rendering import ParameterError, Surroundings, check, final, live
from standalone.templates import render

SCHEMA: dict[str, Any] = {
    "name": {"type": "string", "required": True},
    "count": {"type": "integer", "default": 2},
    "label": {"type": "string", "default": "{{ name }}-{{ count }}"},
    "settings": {"type": "object"},
    "tags": {"type": "array"},
    "place": {"type": "string", "default": "here", "immutable": True},
    "size": {"type": "string", "enum": ["s", "m"]},
}


class Keys:
    """A datastore of two keys."""

    def text(self, name: str, scope: str = "system", user: str | None = None) -> str | None:
        return {"asg.web.max": "30", "user:ann": "mine"}.get(
            name if scope == "system" else f"user:{user}"
        )

    def decrypted(self, text: str) -> str:
        return f"plain {text}"


AROUND = Surroundings(
    Keys(), {"region": "ORD"}, {"api_user": "ann"}, "bob", {"trigger": {"text": "{{ name }}"}}
)


def rendered(**given: Any) -> dict[str, Any]:
    return live(SCHEMA, {"name": "web", **given}, AROUND)


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ st2kv.system.asg.web.max }}", "30"),
        ("{{ st2kv.system.nothing.there }}", ""),
        ("{{ st2kv.user.theme }}", "mine"),
        ("{{ st2kv.system.asg.web.max | decrypt_kv }}", "plain 30"),
        ("{{ config_context.region }}", "ORD"),
        ("{{ action_context.api_user }}", "ann"),
        ("{{ count }} of {{ place }}", "2 of here"),
        ("{{ tags | to_json_string }}", "null"),
        ("{{ '{\"a\": 1}' | from_json_string | to_yaml_string }}", "a: 1\n"),
        ("{{ 3665 | to_human_time_from_seconds }}", "1h1m5s"),
        ("{{ 'web-3' | regex_replace('-.*', '') }}", "web"),
        ("{{ 'web-3' | regex_match('eb') }}", "False"),
        ("{{ 'web-3' | regex_search('eb') }}", "True"),
        ("{{ '/a/b.txt' | basename }}{{ '/a/b.txt' | dirname }}", "b.txt/a"),
        ("{{ None | use_none }}", None),
        ("{{ 'a' in ['a'] }}", "True"),
    ],
)
def test_a_parameter_sees_what_stackstorm_shows_it(template: str, expected: str) -> None:
    assert rendered(size=template)["size"] == expected


@pytest.mark.parametrize(
    "text", ["{{ unknown }}", "{{ trigger_type }} {{ other }}", "{% nonsense", "{{ }", "a {{ b"]
)
def test_text_that_refers_to_nothing_known_stays_text(text: str) -> None:
    assert rendered(size=text)["size"] == text


def test_an_expression_alone_gets_its_type_from_the_schema() -> None:
    assert rendered(count="{{ 2 + 3 }}")["count"] == 5
    assert rendered(settings='{{ {"a": 1} | to_json_string }}')["settings"] == {"a": 1}


def test_inside_a_structure_a_bare_name_keeps_its_type() -> None:
    made = rendered(settings={"bare": "{{count}}", "spaced": "{{ count }}"}, tags=["{{name}}"])
    assert made["settings"] == {"bare": 2, "spaced": "2"}
    assert made["tags"] == ["web"]


def test_only_what_was_given_and_defaults_with_templates_are_live() -> None:
    assert rendered() == {"name": "web", "label": "web-2"}


def test_the_final_parameters_have_all_defaults_and_render_nothing_given() -> None:
    made = final(SCHEMA, {"name": "{{ count }}", "count": 7}, AROUND)
    assert made["name"] == "{{ count }}"
    assert made["label"] == "{{ count }}-7"
    assert (made["place"], made["size"], made["tags"]) == ("here", None, None)


def test_what_a_template_brings_in_is_not_rendered_in_the_same_pass() -> None:
    assert rendered(size="{{ trigger.text }}")["size"] == "{{ name }}"


def test_rendered_again_by_a_second_request_it_is() -> None:
    once = rendered(size="{{ trigger.text }}")
    assert live(SCHEMA, once, AROUND)["size"] == "web"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "{{ name }}"}, "Cyclic dependency found in the following variables: name"),
        ({"size": "{{ count }}{{ zz }}"}, 'Dependency unsatisfied in variable "size"'),
        ({"size": "{{ trigger.nothing }}"}, 'Failed to render parameter "size"'),
        ({"size": "{{ ''.__class__.__mro__ }}"}, 'Failed to render parameter "size"'),
        ({"size": "{{ '' | version_compare('1') }}"}, 'Failed to render parameter "size"'),
        ({"size": "{{ st2kv.system.no | decrypt_kv }}"}, "doesn't exist or is empty"),
        ({"count": "two"}, "invalid literal"),
        ({"name": 5}, "must either be a string or None"),
    ],
)
def test_what_can_not_be_rendered_or_cast_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        rendered(**given)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "'name' is a required property"),
        ({"name": None}, "None is not of type 'string'"),
        ({"name": "a", "colour": 1}, r"Additional properties are not allowed \('colour' was"),
        ({"name": "a", "count": "2"}, "'2' is not of type 'integer'"),
        ({"name": "a", "size": "l"}, r"'l' is not one of \['s', 'm'\]"),
        ({"name": "a", "place": "there"}, r"Override of immutable parameter\(s\) \['place'\]"),
    ],
)
def test_what_does_not_fit_the_schema_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        check(SCHEMA, given)


def test_optional_parameters_may_be_null() -> None:
    check(SCHEMA, {"name": "a", "count": None, "tags": None})


def test_a_given_null_takes_the_default() -> None:
    assert rendered(count=None)["count"] == 2


def test_render_walks_through_structures() -> None:
    assert render({"a": ["{{ x }}", 1]}, {"x": 2}) == {"a": ["2", 1]}
