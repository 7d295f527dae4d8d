"""Webhooks attacked: replayed, forged, tampered with, late, early, revoked, too many, at once."""
from __future__ import annotations

import dataclasses
import json
import random
from datetime import datetime, timezone
from urllib.parse import quote, unquote

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from autoscale.core.requests import BadRequest
from autoscale.datastore import DatastoreError, StackStormDatastore
from autoscale.parts import Parts
from autoscale.views import history
from autoscale.webhooks import addressed
from simcloud import ManualClock
from tests.support.loop import World
from tests.support.store import DictStore, Lines


class Caller:
    """One who has been given a webhook and its secrets, and calls it."""

    def __init__(self, world, asg="web", policy="grow", **given):
        self.world, self.asg = world, asg
        self.issued = world.ask(asg, "webhook_create", policy=policy, **given)
        self.id = self.issued["webhook"]

    @property
    def secret(self):
        return self.world.store.secret(self.issued["secret_key"])

    def signed(self, nonce="msg_1", at=None, secret=None, **body):
        """A request as the specification's own library signs it."""
        body = {"webhook": self.id, **body}
        seconds = int(self.world.clock.now() if at is None else at)
        moment = datetime.fromtimestamp(seconds, timezone.utc)
        right = Webhook(secret or self.secret).sign(nonce, moment, rfc8785.dumps(body).decode())
        return {"headers": {"webhook-id": nonce, "webhook-timestamp": str(seconds),
                            "webhook-signature": right}, "body": body}

    def post(self, request=None, **given):
        """What follows in the pack: whom it concerns, then deciding, as the workflow has it."""
        received = quote(json.dumps(request or self.signed(**given)))
        found = addressed(self.world.store, received)
        if not found["asg"]:
            return found
        return self.world.ask(found["asg"], "webhook_receive", **{
            **json.loads(unquote(found["asked"])),
            "sealed": received if found["whole"] else ""})

    def refused(self, request=None, *, why, **given):
        """It is refused, that is in the history, and nothing else has changed."""
        before = self.world.store.texts.copy()
        answer = self.post(request, **given)
        assert (answer["accepted"], answer["verified"]) == (False, False)
        assert why in answer["message"]
        after = self.world.store.texts
        assert {name for name in after if after[name] != before.get(name)} == {"asg.web.events"}
        event = next(event for event in history(self.world.store, self.asg, 200)["events"]
                     if why in event["what"])
        assert event["by"] == f"webhook {self.id.partition('.')[2]}"
        assert event["what"].startswith("refused: ")
        assert event["outcome"] == "denied"


def token_of(caller):
    return caller.world.store.secret(caller.issued["token_key"])


@pytest.fixture
def web(world):
    world.create(min_nodes=1, max_nodes=9, expand_delay=0)
    world.ask("web", "policy_create", policy="grow", definition={
        "change_type": "change_in_capacity", "change": 1})
    return world


@pytest.fixture
def caller(web):
    return Caller(web)


def desired(world):
    return int(world.key("desired_nodes"))


def test_a_signed_request_runs_the_policy(caller, web):
    answer = caller.post(reason="checkout {{ is }} slow")
    assert (answer["accepted"], answer["verified"]) == (True, True)
    assert desired(web) == 2
    event = history(web.store, "web", 1)["events"][0]
    assert event["by"] == f"webhook {caller.id.partition('.')[2]}"
    assert "policy grow: from 1 to 2 nodes" in event["what"]
    assert "checkout {{ is }} slow" in event["what"]


def test_one_of_several_signatures_will_do(caller, web):
    request = caller.signed()
    right = request["headers"]["webhook-signature"]
    request["headers"]["webhook-signature"] = f"v1a,b64 v1,AAAA {right} nonsense"
    assert caller.post(request)["accepted"]


def test_the_order_of_the_body_and_the_spelling_of_its_numbers_do_not_matter(caller):
    request = caller.signed(b=1.0, a=[1e2, True, None], é="ü")
    request["body"] = {"é": "ü", "a": [100, True, None], "b": 1, "webhook": caller.id}
    assert caller.post(request)["accepted"]


def test_a_replay_is_refused_for_as_long_as_its_timestamp_is_taken(caller, web):
    request = caller.signed(at=web.clock.now() + 300)
    assert caller.post(request)["accepted"]
    for wait in (0, 299, 300):
        web.clock.advance(wait)
        caller.refused(request, why="its id has been used already")
    web.clock.advance(2)
    caller.refused(request, why="timestamp is more than 300 s off")
    assert desired(web) == 2


def test_the_same_id_signed_anew_is_a_replay_too(caller):
    caller.post(nonce="msg_7")
    caller.world.clock.advance(10)
    caller.refused(nonce="msg_7", why="its id has been used already")


def test_an_id_is_taken_again_long_after_its_window_and_is_not_kept(caller, web):
    caller.post(nonce="msg_7")
    web.clock.advance(361)
    assert caller.post(nonce="msg_7")["accepted"]
    assert len(json.loads(web.key("nonces"))) == 1


def test_ids_of_different_webhooks_do_not_disturb_each_other(caller, web):
    assert caller.post()["accepted"]
    assert Caller(web).post()["accepted"]


@pytest.mark.parametrize("off", [-300, 300])
def test_a_clock_may_be_five_minutes_off(caller, web, off):
    assert caller.post(at=web.clock.now() + off)["accepted"]


@pytest.mark.parametrize(("off", "why"), [(-301, "301 s old"), (302, "302 s ahead")])
def test_a_clock_may_not_be_off_by_more(caller, web, off, why):
    caller.refused(at=web.clock.now() + off, why=why)


def test_another_secret_forges_nothing(caller, web):
    caller.refused(secret=Caller(web).secret, why="no signature of it is right")


@pytest.mark.parametrize("tamper", [
    lambda r: r["body"].update(reason="mine"),
    lambda r: r["headers"].update({"webhook-id": "msg_2"}),
    lambda r: r["headers"].update({"webhook-timestamp": str(
        int(r["headers"]["webhook-timestamp"]) + 1)}),
    lambda r: r["headers"].update({"webhook-signature": "v1," + "A" * 43 + "="}),
    lambda r: r["headers"].update({"webhook-signature": r["headers"]["webhook-signature"][:-4]}),
    lambda r: r["headers"].update({"webhook-signature": "v1,"}),
    lambda r: r["headers"].update({"webhook-signature": "v1,\ud800é"}),
])
def test_a_changed_request_is_refused(caller, tamper):
    request = caller.signed()
    tamper(request)
    caller.refused(request, why="no signature of it is right")


def test_a_request_can_not_be_sent_to_another_webhook(caller, web):
    other, request = Caller(web), caller.signed()
    request["body"]["webhook"] = other.id
    other.refused(request, why="no signature of it is right")


@pytest.mark.parametrize(("headers", "why"), [
    ({"webhook-id": ""}, "no header webhook-id"),
    ({"webhook-timestamp": ""}, "no header webhook-timestamp"),
    ({"webhook-signature": ""}, "no header webhook-signature"),
    ({"webhook-id": "a.b"}, "without dots"),
    ({"webhook-id": "a" * 256}, "at most 255"),
    ({"webhook-id": "a\nb"}, "printable"),
    ({"webhook-timestamp": "soon"}, "in seconds"),
    ({"webhook-timestamp": "1e9"}, "in seconds"),
    ({"webhook-timestamp": "-5"}, "in seconds"),
    ({"webhook-timestamp": "١٧٠٠٠٠٠٠٠٠"}, "in seconds"),
    ({"webhook-signature": "v2,AAAA"}, "must be v1"),
])
def test_malformed_headers_are_refused(caller, headers, why):
    request = caller.signed()
    request["headers"].update(headers)
    caller.refused(request, why=why)


@pytest.mark.parametrize("body", [{"n": float("nan")}, {"n": 2**60}, {"n": "\ud800"}])
def test_a_body_without_canonical_form_is_refused(caller, body):
    request = caller.signed()
    request["body"].update(body)
    caller.refused(request, why="RFC 8785 has no form")


def test_a_body_that_is_too_large_is_refused(caller):
    assert caller.post(nonce="fits", pad="x" * (9_900 - len(caller.id)))["accepted"]
    caller.refused(pad="x" * 10_000, why="larger than 10 kB")


@pytest.mark.parametrize("body", [
    [], "text", None, 7, {}, {"webhook": 7}, {"webhook": "web"}, {"webhook": "web." + "0" * 32},
    {"webhook": "../../x." + "0" * 32}, {"webhook": "shop." + "0" * 32}])
def test_who_is_not_known_is_told_in_the_answer_alone(caller, web, body):
    before = dict(web.store.texts)
    answer = caller.post({"headers": {}, "body": body})
    assert answer["asg"] == ""
    assert answer["message"].startswith("refused: ")
    assert web.store.texts == before


def test_a_revoked_webhook_is_refused_and_its_secret_is_gone(caller, web):
    request = caller.signed()
    assert web.ask("web", "webhook_revoke", webhook=caller.id)["accepted"]
    caller.refused(request, why="the webhook is revoked")
    assert not [name for name in web.store.texts if "secret" in name]
    assert not web.ask("web", "webhook_revoke", webhook=caller.id)["accepted"]
    with pytest.raises(BadRequest, match="is revoked: make a new one"):
        web.ask("web", "webhook_rotate", webhook=caller.id)


def test_a_rotated_webhook_takes_the_new_secret_alone(caller, web):
    request = caller.signed()
    assert web.ask("web", "webhook_rotate", webhook=caller.id)["webhook"] == caller.id
    caller.refused(request, why="no signature of it is right")
    assert caller.post()["accepted"]


def test_ten_requests_a_minute_are_taken(caller, web):
    for number in range(10):
        assert caller.post(nonce=f"msg_{number}")["verified"]
    caller.refused(nonce="msg_10", why="there were 10 in a minute already")
    assert Caller(web).post()["verified"]
    web.clock.advance(60)
    assert caller.post(nonce="msg_10")["verified"]


def test_forgeries_take_nothing_from_the_rate(caller):
    for _ in range(20):
        caller.refused(secret="whsec_AAAA", why="no signature")
    assert caller.post()["accepted"]


def test_a_token_alone_will_do_where_it_is_switched_on(web):
    caller = Caller(web, capability=True)
    body = {"webhook": caller.id, "token": token_of(caller)}
    assert caller.post({"headers": {}, "body": body})["accepted"]
    caller.refused({"headers": {}, "body": {**body, "token": "x"}}, why="the token is wrong")
    caller.refused({"headers": {}, "body": {**body, "token": None}}, why="the token is wrong")
    web.ask("web", "webhook_rotate", webhook=caller.id)
    caller.refused({"headers": {}, "body": body}, why="the token is wrong")
    assert caller.post()["accepted"]


def test_a_token_is_refused_where_it_is_not(caller, web):
    assert token_of(caller) is None
    for token in (caller.secret, "", None, token_of(Caller(web, capability=True))):
        body = {"webhook": caller.id, "token": token}
        caller.refused({"headers": {}, "body": body}, why="not switched on")


def test_tokens_are_limited_like_signatures(web):
    caller = Caller(web, capability=True)
    request = {"headers": {}, "body": {"webhook": caller.id, "token": token_of(caller)}}
    for _ in range(10):
        assert caller.post(request)["verified"]
    caller.refused(request, why="there were 10 in a minute already")


def test_what_the_policy_denies_is_said_and_the_id_is_used_up(caller, web):
    web.ask("web", "pause")
    request = caller.signed()
    answer = caller.post(request)
    assert (answer["accepted"], answer["verified"]) == (False, True)
    assert "it is paused" in history(web.store, "web", 1)["events"][0]["what"]
    web.ask("web", "resume")
    caller.refused(request, why="its id has been used already")


def test_a_policy_that_is_gone_is_a_refusal(caller, web):
    web.ask("web", "policy_delete", policy="grow")
    answer = caller.post()
    assert "its policy can't be run (web has no policy 'grow'" in answer["message"]
    assert "no policy 'grow'" in history(web.store, "web", 1)["events"][0]["what"]


def test_a_death_between_the_two_writes_runs_nothing_twice(caller, web):
    request, write = caller.signed(), web.store.set

    def dies(name, text):
        write(name, text)
        raise KeyboardInterrupt

    web.store.set = dies
    with pytest.raises(KeyboardInterrupt):
        caller.post(request)
    web.store.set = write
    caller.refused(request, why="its id has been used already")


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_?", "whsec_AAAA", "secret", "é", None])
def test_a_secret_that_can_not_be_had_is_said_so(caller, web, secret):
    request = caller.signed()
    if secret is None:
        web.store.delete(caller.issued["secret_key"])
    else:
        web.store.set_secret(caller.issued["secret_key"], secret)
    caller.refused(request, why="the webhook's secret can't be read")


def test_without_encryption_there_is_no_webhook(web):
    before = dict(web.store.texts)

    class Plain(type(web.store)):
        def set_secret(self, name, text):
            if "token" in name:
                raise DatastoreError("StackStorm did not encrypt it")
            super().set_secret(name, text)

    web.parts = dataclasses.replace(web.parts, store=Plain(web.store.texts))
    with pytest.raises(DatastoreError):
        web.ask("web", "webhook_create", policy="grow", capability=True)
    assert web.store.texts == before


def test_no_secret_is_told_or_kept_in_the_clear(web):
    caller = Caller(web, capability=True)
    web.ask("web", "webhook_rotate", webhook=caller.id)
    caller.post()
    everything = json.dumps([web.store.texts, web.told, caller.issued])
    for secret in (caller.secret, token_of(caller)):
        assert len(secret) >= 43
        assert secret not in everything


def test_secrets_go_with_the_group(caller, web):
    web.converge()
    web.ask("web", "delete")
    web.converge()
    assert web.store.texts == {}


def test_a_flood_of_refusals_leaves_the_history_readable(caller, web):
    for number in range(80):
        for _ in range(2):
            caller.post(secret="whsec_AAAA")
        caller.post({"headers": {}, "body": {"webhook": caller.id}})
        web.clock.advance(61 if number % 2 else 1)
    events = history(web.store, "web", 200)["events"]
    refusals = [event["what"] for event in events if event["what"].startswith("refused")]
    assert len(refusals) == 40
    assert "refused: no signature of it is right, 4 times" in refusals
    assert any("webhook_create" in event["what"] for event in events)


@pytest.mark.parametrize(("given", "why"), [
    ({"policy": "shrink"}, "web has no policy 'shrink'; its policies are: grow"),
    ({}, "web has no policy ''")])
def test_a_webhook_is_for_a_policy_that_exists(web, given, why):
    with pytest.raises(BadRequest, match=why):
        web.ask("web", "webhook_create", **given)


def test_webhooks_that_are_not_there_can_not_be_revoked(caller, web):
    for name in ("", "web", "db" + caller.id[3:], "web." + "0" * 32):
        with pytest.raises(BadRequest, match="web has no webhook"):
            web.ask("web", "webhook_revoke", webhook=name)


def test_fifty_webhooks_are_enough(web):
    callers = [Caller(web) for _ in range(50)]
    with pytest.raises(BadRequest, match="50 webhooks already"):
        Caller(web)
    web.ask("web", "webhook_revoke", webhook=callers[0].id)
    Caller(web)


class Unencrypting:
    """StackStorm without an encryption key."""

    def set_value(self, name, value, local, encrypt):
        assert (local, encrypt) == (False, True)
        raise RuntimeError(f"Crypto key not found. Unable to encrypt value {value}.")


def test_a_secret_that_is_not_encrypted_is_in_no_message():
    with pytest.raises(DatastoreError, match="encryption_key_path") as failure:
        StackStormDatastore(Unencrypting()).set_secret("asg.web.x", "whsec_1")
    assert "whsec_1" not in str(failure.value)
    assert failure.value.__suppress_context__


KEYS = {"min_nodes": "1", "max_nodes": "1000", "vm_image_id": "i", "vm_size_id": "2",
        "domain": "example.com", "desired_nodes": "1", "expand_delay": "0", "policies": json.dumps(
            {"grow": {"change_type": "change_in_capacity", "change": 1}})}


def lone():
    """A caller of a group that has no cloud."""
    clock = ManualClock(1_700_000_000.0)
    store = DictStore({f"asg.web.{name}": text for name, text in KEYS.items()})
    parts = Parts(store, None, Lines(), {}, None, clock.now, clock.advance, random.Random(7))
    return Caller(World(None, parts, clock))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)
HEADERS = st.dictionaries(st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature"]),
                          st.sampled_from(["msg_1", "1700000000", "v1,AAAA"]) | st.text())


@settings(deadline=None, derandomize=True, database=None)
@given(st.dictionaries(st.text() | st.sampled_from(["token", "reason"]), JSON), HEADERS,
       st.booleans())
def test_nothing_unsigned_is_let_in_whatever_it_holds(body, headers, capability):
    caller = FUZZED[capability]
    answer = caller.post({"headers": headers, "body": {**body, "webhook": caller.id}})
    assert (answer["accepted"], answer["verified"]) == (False, False)
    assert desired(caller.world) == 1


FUZZED = {False: lone()}
FUZZED[True] = Caller(FUZZED[False].world, capability=True)


@settings(deadline=None, derandomize=True, database=None, max_examples=50)
@given(st.lists(st.tuples(
    st.sampled_from(["send", "replay", "again", "rotate"]), st.integers(0, 400),
    st.integers(-310, 310)), max_size=25))
def test_no_request_ever_runs_twice(moves):
    caller, sent, ran = lone(), [], 0
    for number, (move, pause, off) in enumerate(moves):
        caller.world.clock.advance(pause)
        if move == "rotate":
            caller.world.ask("web", "webhook_rotate", webhook=caller.id)
            continue
        if move == "send" or not sent:
            sent.append([caller.signed(f"msg_{number}", caller.world.clock.now() + off), 0])
        request = sent[number % len(sent)] if move == "replay" else sent[-1]
        accepted = caller.post(request[0])["accepted"]
        request[1] += accepted
        ran += accepted
        assert max(times for _, times in sent) <= 1
        assert desired(caller.world) == 1 + ran
