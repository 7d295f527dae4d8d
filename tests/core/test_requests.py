from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.requests import (
    BadRequest,
    configuration,
    consistent,
    group_name,
    unmarked,
)


@pytest.mark.parametrize(("given_", "name"), [
    ("web", "web"), (" web ", "web"), ('"web"', "web"), ("\u201cweb\u201d", "web"), (7, "7"),
    ("<http://web|web>", "web")])
def test_a_groups_name_is_taken_as_a_person_meant_it(given_, name):
    assert group_name(given_) == name


@pytest.mark.parametrize("given_", [
    "", None, True, "Web", "my.web", "web_1", "-web", "web/", "{{ x }}", "x" * 64, [], {}])
def test_what_can_not_be_a_groups_name_is_refused_with_what_would_be_right(given_):
    with pytest.raises(BadRequest, match="use lower-case letters, digits and hyphens"):
        group_name(given_)


@pytest.mark.parametrize(("said", "meant"), [
    ("<mailto:a@b.c|a@b.c>", "a@b.c"), ("<mailto:a@b.c>", "a@b.c"),
    ("<http://example.com|example.com>", "example.com"),
    ("<https://example.com/a?b=1&amp;c=2|the page>", "the page"),
    ("<https://example.com>", "https://example.com"), ("<tel:123|123>", "123"),
    ("<#C01AB|ops>", "#ops"), ("#ops", "#ops"), ("\u201cMy shop\u201d", "My shop"),
    ("\u2018web\u2019", "web"), ("it\u2019s", "it's"), ("'My shop'", "My shop"),
    ("a &lt; b &amp; c &gt; d", "a < b & c > d"), ("&amp;lt;", "&lt;"), (" x ", "x"), ('"', '"'),
    ('""', ""), ("a < b and c > d", "a < b and c > d"), (5, "5"),
])
def test_chat_markup_is_taken_off(said, meant):
    assert unmarked(said) == meant


@given(st.text())
def test_no_text_whatever_can_not_be_unmarked(text):
    assert isinstance(unmarked(text), str)


def test_configuration_is_read_and_what_is_not_given_is_left_out():
    assert configuration({
        "min_nodes": "2", "max_nodes": 5, "domain": "<http://example.com|example.com>",
        "admin_contact": "<mailto:a@b.c|a@b.c>", "channel": "<#C01|ops>", "port": None,
        "hooks": {"configure": {"action": "a.b"}}}).keys() == {
            "min_nodes", "max_nodes", "domain", "admin_contact", "channel", "hooks"}


def test_all_complaints_about_a_configuration_come_at_once():
    with pytest.raises(BadRequest) as caught:
        configuration({"min_nodes": "few", "expand_by": 0, "colour": "red", "desired_nodes": 3})
    for part in ("min_nodes is 'few'", "expand_by is 0: must be at least 1",
                 "colour is not a field", "desired_nodes is not a field"):
        assert part in str(caught.value)


def test_fields_that_contradict_each_other_are_refused():
    with pytest.raises(BadRequest, match="min_nodes is 5, more than asg.web.max_nodes, 3"):
        consistent("web", {"min_nodes": 5, "max_nodes": 3, "domain": "example.com"})


def test_a_zone_whose_name_would_be_too_long_is_refused():
    with pytest.raises(BadRequest, match="choose a shorter domain"):
        consistent("w" * 63, {"min_nodes": 1, "max_nodes": 1, "domain": "a." * 60 + "com"})


def test_what_fits_together_is_accepted():
    consistent("web", {"min_nodes": 3, "max_nodes": 3, "domain": "example.com"})


@given(st.dictionaries(st.text(max_size=5) | st.sampled_from(["hooks", "port", "health_check"]),
                       st.none() | st.booleans() | st.floats() | st.text(max_size=5)
                       | st.lists(st.integers(), max_size=2)
                       | st.dictionaries(st.sampled_from(["type", "configure"]), st.none())))
def test_garbage_is_a_bad_request_and_nothing_else(given_):
    with suppress(BadRequest):
        configuration(given_)
