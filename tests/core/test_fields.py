from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscale.core.associations import Association
from autoscale.core.checks import Check, HealthCheck
from autoscale.core.fields import (
    ANSWERS,
    CONFIGURATION,
    DELETION_POLICIES,
    FIELDS,
    REQUIRED,
    STATUSES,
)
from autoscale.core.group import Adoption, Departure, Group, Member, Problem
from autoscale.core.hooks import Hook, HookRun, answer
from autoscale.core.renewal import RollingProgress, RollingUpdate, UpdatePolicy
from autoscale.core.units import Role

numbers = st.integers(0, 10**12)
words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
POLICY = st.builds(UpdatePolicy, st.integers(0, 50), st.integers(1, 50), st.integers(0, 3600),
                   st.integers(1, 9))
VALUES = {
    **{name: st.integers(1, 1000) for name, field in FIELDS.items() if field.kind == "integer"},
    **{name: st.booleans() for name, field in FIELDS.items() if field.kind == "boolean"},
    "application_name": st.just("My shop") | st.just("Größe 'x'"), "vm_image_id": st.just("a-1"),
    "vm_size_id": st.just("general1-1"), "domain": st.just("example.com"),
    "channel": st.just("#ops") | st.just(""), "protocol": st.sampled_from(["HTTP", "TCP"]),
    "node_network": st.sampled_from(["private", "public"]), "admin_contact": st.just("a@b.c"),
    "key_name": st.just("ops"), "user_data": st.just("YQ=="),
    "expand_on": st.sampled_from(["critical", "warning"]), "status": st.sampled_from(STATUSES),
    "health": st.sampled_from(["ACTIVE", "ERROR"]), "loadbalancer_id": st.just("17"),
    "dns_zone_id": st.just("4"),
    "health_check": st.none() | st.builds(
        HealthCheck, st.sampled_from(["tcp", "http"]), st.just("/ready"), st.integers(1, 10)),
    "hooks": st.dictionaries(st.just("configure"), st.builds(
        Hook, st.just("chef.run"), st.dictionaries(words, words, max_size=2))),
    "evict": st.lists(words, max_size=3).map(tuple),
    "errors": st.lists(st.builds(Problem, words, numbers), max_size=3).map(tuple),
    "plan": numbers,
    "reserved": st.dictionaries(words, numbers, max_size=3),
    "asked": st.dictionaries(words, numbers, max_size=3),
    "made": st.dictionaries(words, words, max_size=3),
    "leaving": st.dictionaries(
        words, st.builds(Departure, numbers, st.booleans(), numbers), max_size=3),
    "members": st.dictionaries(
        words, st.builds(Member, st.none() | words, st.none() | words), max_size=3),
    "deletion_policy": st.sampled_from(DELETION_POLICIES),
    "update_policy": st.none() | POLICY,
    "load_balancers": st.dictionaries(st.sampled_from(["main", "tls"]), st.builds(
        Association, st.sampled_from(["", "17"]), port=st.none() | st.integers(1, 65535),
        weight=st.integers(1, 100)), max_size=2),
    "roles": st.dictionaries(st.sampled_from(["web", "worker"]), st.builds(
        Role, st.sampled_from(["", "image"]), load_balancers=st.sampled_from([None, (), ("main",)])
    ), max_size=2),
    "protected": st.lists(words, max_size=3).map(tuple),
    "adopting": st.dictionaries(words, st.builds(Adoption, words, numbers), max_size=3),
    "releasing": st.lists(words, max_size=3).map(tuple),
    "hook_answers": st.dictionaries(words, st.builds(
        answer, st.sampled_from(ANSWERS), numbers), max_size=3),
    "rolling_update": st.none() | st.builds(RollingUpdate, numbers, POLICY, st.booleans()),
    "balancers": st.dictionaries(words, words, max_size=3),
    "checks": st.dictionaries(
        words, st.builds(Check, numbers, numbers, numbers, st.booleans(), words, numbers,
                         st.booleans()), max_size=3),
    "health_failures": st.dictionaries(words, words, max_size=3),
    "hook_runs": st.dictionaries(words, st.builds(
        HookRun, words, numbers, words, words, numbers,
        st.lists(words, max_size=2).map(tuple), words, numbers, words, words), max_size=3),
    "rolling_progress": st.none() | st.builds(
        RollingProgress, numbers, words, numbers, numbers, numbers,
        st.lists(words, max_size=2).map(tuple), numbers, numbers,
        st.lists(words, max_size=2).map(tuple), words),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_field_that_was_written_is_read_back_as_it_was(name):
    @settings(max_examples=25)
    @given(VALUES[name])
    def check(value):
        text = FIELDS[name].write(value)
        assert isinstance(text, str)
        assert FIELDS[name].read(text) == value

    check()


@pytest.mark.parametrize("name", [name for name in VALUES if FIELDS[name].kind != "JSON"])
def test_a_value_is_read_as_itself(name):
    @settings(max_examples=25)
    @given(VALUES[name])
    def check(value):
        assert FIELDS[name].read(value) == value

    check()


garbage = st.text(max_size=40) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "path", "timeout", "configure", "action", "since", "final",
                         "asked", "node", "record", "message"]) | st.text(max_size=3),
        inner, max_size=4), max_leaves=10).map(json.dumps)


def read_or_complaint(name, text):
    try:
        return FIELDS[name].read(text)
    except ValueError as error:
        return error


@pytest.mark.parametrize("name", FIELDS)
def test_garbage_is_a_value_or_a_value_error_that_says_what_is_wrong(name):
    @settings(max_examples=40)
    @given(garbage)
    def check(text):
        value = read_or_complaint(name, text)
        if not isinstance(value, ValueError):
            assert FIELDS[name].read(FIELDS[name].write(value)) == value

    check()


@pytest.mark.parametrize("name", FIELDS)
@pytest.mark.parametrize("text", [
    "Infinity", "-Infinity", "NaN", '{"a": Infinity}', '[{"message": "x", "since": 1e999}]',
    '{"a": {"since": Infinity, "final": true, "asked": 0}}', '{"a": {"node": {}}}',
    '{"a": {"node": [], "record": 5}}', '{"type": "tcp", "timeout": Infinity}', "[" * 100_000,
    '{"type": []}', '{"configure": []}', '{"configure": {"action": "a.b", "parameters": [1]}}',
    "9" * 5000, '{"a": ' + "9" * 5000 + "}", "\ud800", "\x00"], ids=lambda text: text[:40])
def test_known_nonsense_raises_nothing_but_value_error(name, text):
    value = read_or_complaint(name, text)
    assert str(value) if isinstance(value, ValueError) else FIELDS[name].write(value)


@pytest.mark.parametrize(("name", "typed", "value"), [
    ("max_nodes", " 30 ", 30), ("max_nodes", "030", 30), ("max_nodes", 30, 30),
    ("paused", "yes", True), ("paused", " TRUE ", True), ("paused", "on", True),
    ("paused", "1", True), ("paused", "no", False), ("paused", "False", False),
    ("paused", "off", False), ("paused", "0", False), ("paused", True, True),
    ("application_name", '"My shop"', "My shop"), ("application_name", "'web'", "web"),
    ("application_name", ' " My shop " ', "My shop"), ("application_name", '"', '"'),
    ("application_name", "it's", "it's"), ("domain", " Example.COM ", "example.com"),
    ("protocol", "http", "HTTP"), ("node_network", "Public", "public"),
    ("health", "error", "ERROR"), ("health_check", "{}", None), ("health_check", "null", None),
    ("health_check", {"type": "tcp"}, HealthCheck("tcp")),
    ("health_check", '{"type": "http", "path": "/up"}', HealthCheck("http", "/up")),
    ("hooks", "null", {}), ("hooks", {"configure": {"action": "a.b"}},
                            {"configure": Hook("a.b")}),
    ("evict", '["web-1", "web-2"]', ("web-1", "web-2")), ("evict", "[]", ()),
    ("user_data", "YQ==", "YQ=="), ("drain_timeout", "3600", 3600),
])
def test_what_a_person_would_type_is_read(name, typed, value):
    assert FIELDS[name].read(typed) == value


@pytest.mark.parametrize(("name", "typed", "complaint"), [
    ("max_nodes", "many", "not a whole number"), ("max_nodes", "3.5", "not a whole number"),
    ("max_nodes", 3.0, "not a whole number"), ("max_nodes", True, "not a whole number"),
    ("max_nodes", "-1", "at least 0"), ("expand_by", "0", "at least 1"),
    ("deflate_by", "0", "at least 1"), ("port", "65536", "from 1 to 65535"),
    ("port", "0", "from 1 to 65535"), ("drain_timeout", "3601", "from 0 to 3600"),
    ("paused", "maybe", "neither True nor False"), ("domain", "localhost", "example.com"),
    ("protocol", "gopher", "must be one of"), ("expand_on", "", "must be one of"),
    ("status", "busy", "must be one of"), ("user_data", "#!/bin/sh", "base64"),
    ("user_data", "é", "base64"), ("application_name", '""', "empty"),
    ("vm_image_id", " ", "empty"), ("evict", "web-1", "not JSON"),
    ("evict", '"web-1"', "list of names"), ("evict", '{"web-1": 1}', "list of names"),
    ("evict", "[1]", "list of names"), ("evict", "null", "list of names"),
    ("reserved", "[]", "expected form"), ("leaving", '{"a": 1}', "expected form"),
    ("leaving", '{"a": {"since": 1}}', "expected form"),
    ("members", '{"a": {"node": 5}}', "expected form"),
    ("members", '{"a": {"node": {}}}', "expected form"),
    ("errors", '[{"message": "x"}]', "expected form"),
    ("health_check", '{"type": "udp"}', "must be like"),
    ("health_check", '{"type": "http", "path": "up"}', "must be like"),
    ("health_check", '{"type": "tcp", "timeout": 11}', "timeout must be from 1 to 10"),
    ("health_check", '{"type": "tcp", "attempts": 0}', "attempts must be from 1 to 100"),
    ("health_failures", "3", "expected form"), ("health_failures", '["s1"]', "expected form"),
    ("health_check", '{"type": "tcp", "every": 3}', "knows type, path, timeout"),
    ("health_check", '{"path": "/"}', "expected form"),
    ("hooks", '{"launch": {"action": "a.b"}}', "knows no hook 'launch'"),
    ("hooks", '{"configure": {"action": "chef"}}', "pack.action"),
    ("hooks", '{"configure": "chef.run"}', "expected form"),
    ("hooks", '{"configure": {"action": "a.b", "parameters": [1]}}', "expected form"),
])
def test_what_is_wrong_is_refused_saying_what_would_be_right(name, typed, complaint):
    with pytest.raises(ValueError, match=complaint):
        FIELDS[name].read(typed)


def test_there_is_a_field_for_everything_that_a_group_keeps():
    kept = {field.name for field in dataclasses.fields(Group)} - {
        "name", "ssh_pub_key", "hook_results"}
    assert set(FIELDS) == kept


def test_configuration_is_what_owners_set_and_nothing_that_the_pack_keeps():
    assert "min_nodes" in CONFIGURATION
    assert "drain_timeout" in CONFIGURATION
    assert not {"desired_nodes", "paused", "status", "reserved", "leaving"} & set(CONFIGURATION)
    assert set(REQUIRED) - {"desired_nodes"} <= set(CONFIGURATION)
