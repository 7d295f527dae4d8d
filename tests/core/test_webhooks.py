"""Webhooks, the pure part: what is no request is refused, never a traceback; windows and rates."""
from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import replace
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core import events, refusals
from autoscale.core.deciding.webhooks import (
    create_webhook,
    key_of,
    revoke_webhook,
    rotate_webhook,
)
from autoscale.core.fields import FIELDS
from autoscale.core.policies import Policy
from autoscale.core.refusals import FORGED, OFF_TIME, REPLAYED, TOO_MANY, Refusal, noted
from autoscale.core.requests import BadRequest
from autoscale.core.webhooks import (
    HEADERS,
    MOST,
    RATE,
    WINDOW,
    Signed,
    Webhook,
    admit,
    in_time,
    name_of,
    parts_of,
    received,
    signed,
    too_large,
    use,
)
from tests.core.examples import NOW, group

KEY, OTHER = "0123456789abcdef" * 2, "f" * 32
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
TEXTS = st.text() | st.sampled_from(["msg_1", "1700000000", "v1,AAAA", "v1,A v2,B", ""])


@given(JSON)
def test_whatever_is_received_is_an_object_or_refused(body):
    try:
        headers, read = received(quote(json.dumps({"headers": {}, "body": body})))
    except Refusal:
        assert not isinstance(body, dict)
    else:
        assert isinstance(body, dict)
        assert (headers, isinstance(too_large(read), bool)) == ({}, True)


@given(st.text())
def test_text_that_is_no_request_is_refused(text):
    with pytest.raises(Refusal):
        received(text)


@given(JSON)
def test_what_is_no_id_leads_to_no_group(value):
    assert parts_of(value) is None


@pytest.mark.parametrize("name", [
    f"web.{KEY}.x", f"web.{KEY[:-1]}", f"web.{KEY.upper()}", f".{KEY}", f"Web.{KEY}", f"a.b.{KEY}",
    f"web.{KEY}\n", f"-.{KEY}", f"{{{{x}}}}.{KEY}", KEY, [f"web.{KEY}"], None])
def test_an_id_is_a_group_and_a_key(name):
    assert parts_of(name) is None
    assert parts_of(name_of("web-1", KEY)) == ("web-1", KEY)


@given(st.dictionaries(st.sampled_from(HEADERS), TEXTS | JSON))
def test_headers_are_understood_or_refused(headers):
    try:
        read = signed(headers)
    except Refusal:
        return
    assert 0 < read.timestamp < 10**12
    assert "." not in read.id
    assert all(isinstance(signature, str) for signature in read.signatures)


def test_all_signatures_of_version_1_count():
    assert signed(dict(zip(HEADERS, ("msg", "5", "v1,A v2,B\tv1,C v1a,D v1")))) == Signed(
        "msg", 5, ("A", "C"))


@pytest.mark.parametrize("off", [-WINDOW, -1, 0, 0.5, WINDOW])
def test_a_timestamp_may_be_off_by_the_window(off):
    in_time(NOW, NOW + off)


@pytest.mark.parametrize("off", [-10**9, -WINDOW - 0.1, WINDOW + 0.1, 10**9])
def test_a_timestamp_may_not_be_off_by_more(off):
    with pytest.raises(Refusal) as refusal:
        in_time(NOW, NOW + off)
    assert refusal.value.reason == OFF_TIME


@given(st.floats(-WINDOW, WINDOW), st.floats(0, 3 * WINDOW))
def test_an_id_is_remembered_for_as_long_as_its_timestamp_is_taken(off, later):
    timestamp = NOW + int(off)
    kept = admit((), use(KEY, "a", timestamp, NOW), NOW)
    if NOW + later - timestamp > WINDOW:
        return
    with pytest.raises(Refusal) as refusal:
        admit(kept, use(KEY, "a", timestamp, NOW + later), NOW + later)
    assert refusal.value.reason == REPLAYED


@given(st.lists(st.tuples(st.floats(0, 30), st.sampled_from([KEY, OTHER])), max_size=60))
def test_never_more_than_the_rate_within_a_minute_and_nothing_is_kept_for_ever(arrivals):
    uses, now, let_in, reasons = (), NOW, [], set()
    for number, (pause, key) in enumerate(arrivals):
        now += pause
        try:
            uses = admit(uses, use(key, str(number), now, now), now)
            let_in.append((key, now))
        except Refusal as refusal:
            reasons.add(refusal.reason)
        for webhook in (KEY, OTHER):
            assert sum(k == webhook and at > now - 60 for k, at in let_in) <= RATE
    assert reasons <= {TOO_MANY}
    assert admit(uses, use(KEY, "z", now + 10**4, now + 10**4), now + 10**4) == (
        use(KEY, "z", now + 10**4, now + 10**4),)


def test_what_is_written_is_read_back():
    webhooks = {KEY: Webhook("grow", True, NOW), OTHER: Webhook("grow", revoked=NOW)}
    uses = (use(KEY, "a", NOW, NOW), use(OTHER, "", 0, NOW))
    for name, value in (("webhooks", webhooks), ("nonces", uses)):
        assert FIELDS[name].read(FIELDS[name].write(value)) == value


@given(JSON)
def test_keys_that_a_hand_has_broken_are_said_so(value):
    for name in ("webhooks", "nonces"):
        with suppress(ValueError):
            FIELDS[name].read(json.dumps(value))


@pytest.mark.parametrize("told", [
    {"policy": "grow", "capability": "false"}, {"policy": "grow", "capability": 1}, {"policy": 7},
    {}, []])
def test_no_misspelling_switches_a_capability_on(told):
    with pytest.raises(ValueError, match="not of the expected form"):
        FIELDS["webhooks"].read(json.dumps({KEY: told}))


GROUP = group(policies={"grow": Policy("change_in_capacity", 1)}, webhooks={KEY: Webhook("grow")})


def test_a_webhook_is_made_renewed_and_revoked():
    made = create_webhook(GROUP, OTHER, "grow", True, NOW).changes["webhooks"]
    assert made == {KEY: Webhook("grow"), OTHER: Webhook("grow", True, NOW)}
    assert rotate_webhook(GROUP, KEY, NOW).changes == {}
    revoked = replace(GROUP, **revoke_webhook(GROUP, KEY, NOW).changes)
    assert revoked.webhooks == {KEY: Webhook("grow", revoked=NOW)}
    assert not revoke_webhook(revoked, KEY, NOW + 1).accepted
    with pytest.raises(BadRequest):
        rotate_webhook(revoked, KEY, NOW)


def test_what_has_been_revoked_is_forgotten_in_the_end():
    webhooks = {f"{n:032x}": Webhook("grow", revoked=NOW + n) for n in range(1, MOST + 1)}
    after = revoke_webhook(replace(GROUP, webhooks={KEY: Webhook("grow"), **webhooks}), KEY,
                           NOW + 99).changes["webhooks"]
    assert len(after) == MOST
    assert f"{1:032x}" not in after
    assert after[KEY].revoked


@pytest.mark.parametrize("name", ["", KEY, f"db.{KEY}", f"web.{OTHER}"])
def test_a_key_is_the_groups_own(name):
    assert key_of(GROUP, f"web.{KEY}") == KEY
    with pytest.raises(BadRequest, match="web has no webhook"):
        key_of(GROUP, name)


def test_a_deleted_group_gets_no_webhook():
    with pytest.raises(BadRequest, match="is being deleted"):
        create_webhook(replace(GROUP, deleted=True), OTHER, "grow", False, NOW)


def told(*refused):
    """The history after these refusals: (seconds, webhook, reason)."""
    text = events.append(None, [events.event(NOW, "joe", "expand")])
    for at, key, reason in refused:
        text = noted(text, NOW + at, f"webhook {key}", Refusal(reason, f"{at} s"))
    return [event.what for event in events.read(text)]


def test_refusals_of_a_minute_are_counted_by_webhook_and_reason():
    assert told((0, "a", FORGED), (1, "a", REPLAYED), (2, "b", FORGED), (59, "a", FORGED),
                (59.9, "a", FORGED), (61, "a", FORGED)) == [
        "expand", f"refused: {FORGED} (0 s), 3 times", f"refused: {REPLAYED} (1 s)",
        f"refused: {FORGED} (2 s)", f"refused: {FORGED} (61 s)"]


def test_a_flood_leaves_room_for_what_was_done():
    kept = told(*((n * 61, n % 7, FORGED) for n in range(1000)))
    assert len(kept) == refusals.KEPT + 1
    assert kept[0] == "expand"
    assert kept[-1] == f"refused: {FORGED} ({999 * 61} s)"


def test_what_a_hand_has_broken_is_no_history():
    assert len(events.read(noted("nonsense", NOW, "webhook a", Refusal(FORGED)))) == 1
