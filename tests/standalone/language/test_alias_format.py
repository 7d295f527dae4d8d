from __future__ import annotations

import pytest

from standalone.alias_format import NoMatchError, formats, read

READ = [
    ("asg create", "asg create name=X domain=Y", {"name": "X", "domain": "Y"}),
    ("asg create", "asg create name=X count=2", {"name": "X", "count": "2"}),
    ("asg create", 'asg create name=X title="My shop"', {"name": "X", "title": "My shop"}),
    ("asg create", "asg create name='a b'", {"name": "a b"}),
    ("asg create", 'asg create hooks={"a": "b c"} name=X', {"hooks": '{"a": "b c"}', "name": "X"}),
    ("asg create", "asg create a=b=c", {"a": "b=c"}),
    ("asg create", "asg create name=\u201cweb\u201d", {"name": "\u201cweb\u201d"}),
    ("asg create", 'asg create name=""', {"name": ""}),
    ("asg create", " asg create name=X ", {"name": "X"}),
    ("asg list", "asg list", {}),
    ("asg show {{ name }}", "asg show web", {"name": "web"}),
    ("asg say {{ text }}", "asg say to everybody", {"text": "to everybody"}),
    ("asg say {{ text }}", 'asg say "to everybody"', {"text": "to everybody"}),
    ("asg {{ a }} to {{ b }}", "asg web to db", {"a": "web", "b": "db"}),
    (
        "asg create {{ name }} {{ domain=foo }}",
        "asg create web size=3",
        {"name": "web", "domain": "foo", "size": "3"},
    ),
    ("asg up {{ by='2 nodes' }}", "asg up", {"by": "2 nodes"}),
    ("asg up {{ by=2 }}", "asg up 5", {"by": "5"}),
    ("(asg|group) list", "group list", {}),
]

UNREAD = [
    ("asg create {{ name }}", "asg create name=X domain=Y"),
    ("asg create name={{ name }} domain={{ domain }}", "asg create name=X domain=Y"),
    ("asg create {{ name }} {{ domain }}", "asg create name=X domain=Y"),
    ("asg create", "asg create name = X"),
    ("asg create", "asg create domain="),
    ("asg create", "asg  create name=X"),
    ("asg create", "ASG create name=X"),
    ("asg create", "asg create web"),
    ("asg create", "please asg create name=X"),
    ("asg create", "asg create name=\u201cMy shop\u201d"),
]


@pytest.mark.parametrize(("format_", "command", "expected"), READ)
def test_a_command_is_read_by_its_format(
    format_: str, command: str, expected: dict[str, str]
) -> None:
    assert read(format_, command) == expected


@pytest.mark.parametrize(("format_", "command"), UNREAD)
def test_a_command_of_another_form_is_not_read(format_: str, command: str) -> None:
    with pytest.raises(NoMatchError):
        read(format_, command)


def test_a_format_is_text_or_a_display_with_representations() -> None:
    given = ("plain", {"display": "shown", "representation": ["one", "two"]})
    assert formats(given) == [
        ("plain", "plain", False),
        ("shown", "one", False),
        ("shown", "two", False),
    ]
