from __future__ import annotations

import jinja2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import texts

MARKERS = ("{{", "{%", "{#", "<%", "}}", "%}", "#}", "%>")
awkward = st.text("{}%#<> \\a1|\n'\"", max_size=30) | st.text(max_size=30)


@given(awkward)
def test_no_template_marker_survives(text):
    assert not any(marker in texts.inert(text) for marker in MARKERS)


@given(awkward)
def test_inert_text_is_left_as_it_is(text):
    assert texts.inert(texts.inert(text)) == texts.inert(text)


@given(awkward)
def test_nothing_but_spaces_is_added(text):
    assert texts.inert(text).replace(" ", "") == text.replace(" ", "")


@given(awkward)
def test_jinja_renders_inert_text_as_itself(text):
    inert = texts.inert(text)
    rendered = jinja2.Environment(keep_trailing_newline=True, newline_sequence="\n")
    assert rendered.from_string(inert).render() == inert.replace("\r\n", "\n").replace("\r", "\n")


@pytest.mark.parametrize("text", [
    "{{ 7 * 7 }}", "<% ctx() %>", "{% for a in b %}", "{# no #}", "{{{{", "<{{%", "<%%>%>"])
def test_known_templates_are_broken_up(text):
    assert not any(marker in texts.inert(text) for marker in MARKERS)


@pytest.mark.parametrize("text", ["web-1", "50 % of {a}", "a < b > c # d", '{"a": {"b": 1}}'[:9]])
def test_plain_text_is_not_changed(text):
    assert texts.inert(text) == text


json_like = st.recursive(
    st.none() | st.booleans() | st.integers() | awkward,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(awkward, inner, max_size=3),
    max_leaves=8)


def _strings(value):
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for pair in value.items() for item in pair for text in _strings(item)]
    return [text for item in value for text in _strings(item)] if isinstance(value, list) else []


@given(json_like)
def test_a_harmless_value_holds_no_template_anywhere(value):
    assert not any(marker in text for text in _strings(texts.harmless(value)) for marker in MARKERS)


def test_a_harmless_value_is_otherwise_the_same():
    assert texts.harmless({"a": [1, None, True, ("b",), {"c": 1.5}]}) == {
        "a": [1, None, True, ["b"], {"c": 1.5}]}


@given(st.lists(st.text()), st.integers(4, 50))
def test_a_line_has_no_break_and_is_not_too_long(parts, most):
    line = texts.line(parts, most)
    assert len(line) <= most
    assert len(line.splitlines()) <= 1


@pytest.mark.parametrize(("number", "words"), [
    (-1, "-1 node"), (0, "0 nodes"), (1, "1 node"), (2, "2 nodes")])
def test_count(number, words):
    assert texts.count(number, "node") == words


@pytest.mark.parametrize(("words", "sentence"), [
    ([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c"),
    (list("abcde"), "a, b, c and 2 more")])
def test_listed(words, sentence):
    assert texts.listed(words, most=4 if len(words) < 5 else 3) == sentence


@pytest.mark.parametrize(("seconds", "words"), [
    (0, "in 1 s"), (40, "in 40 s"), (59.9, "in 59 s"), (60, "in 1 min"), (61, "in 2 min"),
    (540, "in 9 min")])
def test_wait(seconds, words):
    assert texts.wait(seconds) == words
