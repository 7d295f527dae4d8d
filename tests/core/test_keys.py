from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import keys
from autoscale.core.fields import FIELDS
from tests.core.examples import TEXTS, group

BAD = {
    "min_nodes": "few", "max_nodes": "-1", "expand_by": "0", "paused": "perhaps", "domain": "x",
    "health_check": "{", "hooks": "[", "evict": "5", "reserved": "[]", "leaving": "7",
    "members": "[1]", "errors": "{}x", "status": "busy", "port": "http", "user_data": "*",
}


def test_a_group_is_read_from_its_keys():
    read = keys.read("web", {**TEXTS, "paused": "yes", "channel": " #ops "}, "ssh-rsa AAAA")
    assert (read.name, read.min_nodes, read.paused, read.channel, read.ssh_pub_key) == (
        "web", 1, True, "#ops", "ssh-rsa AAAA")


def test_what_is_missing_or_empty_has_its_default():
    assert keys.read("web", {**TEXTS, "expand_by": "", "port": "  "}) == keys.read("web", TEXTS)
    assert keys.read("web", TEXTS).expand_by == 5


def test_a_group_that_is_written_is_read_back():
    before = group(evict=("web-1",), reserved={"a": 5})
    texts = keys.write({name: getattr(before, name) for name in FIELDS})
    assert keys.read("web", texts) == before


@pytest.mark.parametrize(("field", "text"), BAD.items())
def test_what_can_not_be_read_names_its_key_and_its_text(field, text):
    with pytest.raises(keys.Unreadable) as caught:
        keys.read("web", {**TEXTS, field: text})
    assert caught.value.group == "web"
    assert len(caught.value.problems) == 1
    assert f"asg.web.{field} is {text!r}" in str(caught.value)


def test_all_that_is_wrong_is_told_at_once():
    with pytest.raises(keys.Unreadable) as caught:
        keys.read("web", {**TEXTS, **BAD})
    assert len(caught.value.problems) == len(BAD)


def test_a_long_text_is_not_repeated_whole():
    with pytest.raises(keys.Unreadable) as caught:
        keys.read("web", {**TEXTS, "user_data": "*" * 10_000})
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("field", ["min_nodes", "max_nodes", "vm_image_id", "vm_size_id", "domain",
                                   "desired_nodes"])
@pytest.mark.parametrize("text", [None, "", " "])
def test_a_key_that_every_group_needs_is_missed(field, text):
    texts = {**TEXTS, field: text}
    if text is None:
        del texts[field]
    with pytest.raises(keys.Unreadable, match=f"asg.web.{field} is missing"):
        keys.read("web", texts)


def test_more_min_nodes_than_max_nodes_is_a_contradiction_that_names_both():
    with pytest.raises(keys.Unreadable) as caught:
        keys.read("web", {**TEXTS, "min_nodes": "11"})
    assert str(caught.value) == "asg.web.min_nodes is 11, more than asg.web.max_nodes, 10"


def test_unknown_fields_are_left_alone():
    assert keys.read("web", {**TEXTS, "events": "[[", "note": "mine"}) == keys.read("web", TEXTS)


def test_one_group_that_can_not_be_read_harms_no_other():
    texts = keys.by_group({
        **{f"asg.web.{field}": text for field, text in TEXTS.items()},
        **{f"asg.bad.{field}": text for field, text in {**TEXTS, **BAD}.items()}})
    assert keys.read("web", texts["web"]).max_nodes == 10
    with pytest.raises(keys.Unreadable):
        keys.read("bad", texts["bad"])


def test_keys_are_sorted_by_group():
    assert keys.by_group({
        "asg.web.min_nodes": "1", "asg.web-2.min_nodes": "2", "asg.web.note.mine": "x",
        "asg..active_incident": "True", "asg.web": "?", "asg.web.": "?", "other.web.min_nodes": "9",
        "asgweb.min_nodes": "9", "ssh_pub_key": "ssh-rsa", "": ""}) == {
            "web": {"min_nodes": "1", "note.mine": "x"}, "web-2": {"min_nodes": "2"}}


def test_a_field_with_dots_is_no_field_of_the_group_before_the_dot():
    texts = keys.by_group({**{f"asg.web.{f}": t for f, t in TEXTS.items()},
                           "asg.web.shop.min_nodes": "99"})
    assert keys.read("web", texts["web"]).min_nodes == 1


any_texts = st.dictionaries(
    st.sampled_from([*FIELDS, "events"]),
    st.text(max_size=20) | st.sampled_from(["1", "True", "[]", "{}", '{"a": Infinity}', "null",
                                            '{"a": {"node": {}}}', '[{"since": 1e999}]']),
    max_size=12)


@given(any_texts)
def test_whatever_the_keys_hold_a_group_is_read_or_unreadable(texts):
    problems: tuple[str, ...] = ()
    try:
        keys.read("web", {**TEXTS, **texts})
    except keys.Unreadable as error:
        problems = error.problems
    assert all("asg.web." in problem for problem in problems)


@given(any_texts)
def test_whatever_the_keys_hold_the_group_can_be_deleted(texts):
    doomed = keys.read_for_deletion("web", {**TEXTS, **texts})
    assert doomed.deleted
    assert doomed.name == "web"


@given(st.dictionaries(st.text("asg.web", max_size=12), st.text(max_size=3)))
def test_sorting_keys_loses_no_field_and_invents_none(texts):
    sorted_ = {keys.key(group, field): text
               for group, fields in keys.by_group(texts).items() for field, text in fields.items()}
    assert sorted_.items() <= texts.items()
