"""Whatever is posted: something that is known, or Malformed, and nothing worse."""
from __future__ import annotations

import copy
import json
from contextlib import suppress
from typing import Any, Iterator
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoscale.core.alerts import PARSERS, Alert, Malformed, read
from autoscale.core.keys import key
from autoscale.core.texts import harmless
from autoscale.intake import requests_of
from tests.core.alerts.samples import SAMPLES, monitor
from tests.core.examples import TEXTS
from tests.support.store import DictStore

MARKERS = ("{{", "}}", "{%", "%}", "<%", "%>", "{#", "#}")
LIVE = "{{ st2kv.system.k }} <% st2kv('system.k') %> {% if 1 %} {# x #}"
texts = st.text(max_size=8) | st.sampled_from([
    LIVE, "{{{", "<<%", "%%>", "My shop", "firing", "resolved", "open", "closed", "web", "alarm",
    "Triggered", "Recovered", "critical", "a: b", "application:x", "\ud800", "\x00", " "])
leaves = st.none() | st.booleans() | st.integers() | st.floats() | texts
garbage = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3)
                       | st.dictionaries(texts, inner, max_size=3), max_leaves=8)
FIELDS = sorted({name for body in SAMPLES.values() for name in body}
                | {"application", "labels", "status"})
bodies = garbage | st.dictionaries(st.sampled_from(FIELDS), garbage, max_size=6)


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside of this one."""
    inside = (value.items() if isinstance(value, dict)
              else enumerate(value) if isinstance(value, list) else ())
    for name, item in inside:
        yield (*path, name)
        yield from places(item, (*path, name))


@st.composite
def mutations(draw: Any) -> tuple[str, Any]:
    """A real sample in which up to three values are gone or are something else."""
    name = draw(st.sampled_from(sorted(SAMPLES)))
    body = copy.deepcopy(SAMPLES[name])
    for _ in range(draw(st.integers(1, 3))):
        there = list(places(body))
        if not there:
            break
        *way, last = draw(st.sampled_from(there))
        holder = body
        for step in way:
            holder = holder[step]
        if draw(st.booleans()):
            del holder[last]
        else:
            holder[last] = draw(garbage)
    return monitor(name), body


def sound(said: Any) -> bool:
    """What a parser promises of each thing that it answers with."""
    if isinstance(said, Alert):
        right = said.state in ("open", "closed") and said.severity in ("critical", "warning")
    else:
        right = isinstance(said.nodes, int) and 0 <= said.nodes <= 10**6
    return right and "\n" not in said.text and len(said.text) <= 200


@pytest.mark.parametrize("name", sorted(PARSERS))
@given(body=bodies)
def test_whatever_the_body_is_it_is_known_or_malformed(name, body):
    with suppress(Malformed):
        assert all(map(sound, read(body, name)))


@settings(max_examples=500)
@given(mutations())
def test_a_mutated_sample_is_known_or_malformed(mutation):
    name, body = mutation
    with suppress(Malformed):
        assert all(map(sound, read(body, name)))


def shop() -> DictStore:
    fields = {**TEXTS, "application_name": "My shop"}
    return DictStore({key("web", name): text for name, text in fields.items()})


def strings(value: Any) -> Iterator[str]:
    """Every text in a value, names included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from (name, *strings(item))
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def asked(name: str, body: Any) -> dict[str, Any]:
    """What leaves alert.read for this body."""
    given_ = {"body": quote(json.dumps(body), safe=""), "monitor": name}
    return dict(harmless(requests_of(shop(), given_)))


@settings(max_examples=300)
@given(mutations())
def test_nothing_that_leaves_the_action_is_a_template_or_breaks_utf_8(mutation):
    with suppress(Malformed):
        for text in strings(asked(*mutation)):
            assert not any(marker in text for marker in MARKERS)
            text.encode()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_template_in_every_text_of_a_sample_stays_text(name):
    for *way, last in places(SAMPLES[name]):
        body = copy.deepcopy(SAMPLES[name])
        holder = body
        for step in way:
            holder = holder[step]
        holder[last] = LIVE
        with suppress(Malformed):
            for text in strings(asked(monitor(name), body)):
                assert not any(marker in text for marker in MARKERS)


def test_a_number_too_long_to_be_read_is_malformed():
    body = quote('{"group": "web", "exact_capacity": ' + "9" * 5000 + "}")
    with pytest.raises(Malformed, match="not JSON|no whole number"):
        requests_of(shop(), {"body": body, "monitor": "generic"})


@pytest.mark.parametrize("name", sorted(PARSERS))
def test_a_body_nested_beyond_reason_is_malformed(name):
    for body in ("[" * 30_000 + "]" * 30_000, '{"alert":' * 5000 + "1" + "}" * 5000):
        with pytest.raises(Malformed):
            requests_of(shop(), {"body": body, "monitor": name})


def test_half_a_character_does_not_reach_what_can_not_store_it():
    alert, = read({"application": "a\ud800b", "state": "open", "severity": "critical",
                   "text": "c\udfffd", "source": "e\ud800"}, "generic")
    assert (alert.application, alert.text, alert.source) == ("a?b", "c?d", "e?")
