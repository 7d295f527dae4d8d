"""Webhooks: giving out secrets, and letting in the requests that are signed with them.

All of this runs within asg.decide, one at a time for a group: what comes twice, even at the same
instant, is let in once. A caller is always answered 202 by StackStorm; why a request was refused is
in the group's history.
"""
from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any, Callable, Mapping
from urllib.parse import quote

import rfc8785

from autoscale import groups
from autoscale.core import events, keys, refusals, texts, webhooks
from autoscale.core.deciding.decision import Decision
from autoscale.core.deciding.webhooks import (
    create_webhook,
    key_of,
    revoke_webhook,
    rotate_webhook,
)
from autoscale.core.group import Group
from autoscale.core.refusals import Refusal
from autoscale.core.requests import BadRequest, unmarked
from autoscale.core.webhooks import Use, Webhook
from autoscale.datastore import DatastoreError
from autoscale.parts import Parts
from autoscale.seams import Datastore

READABLE = 2_000_000
"""Characters of a request that are looked into to see whom it concerns."""

SHORTEST = 24
"""Bytes of a secret, by the specification; the pack's own have 32."""

Given = Mapping[str, Any]
Run = Callable[[Given], "dict[str, Any]"]
"""Asks the group for something else; what asg.decide answers."""


def see_to(parts: Parts, group: Group, given: Given, run: Run) -> dict[str, Any]:
    """Do what is asked: one of KINDS. Raises BadRequest and DatastoreError; then nothing changed.

    ``given``: ``policy`` and ``capability`` for a new one, ``webhook`` for one that exists; for
    receiving, what ``addressed`` found, and ``sealed``, the request.
    """
    return KINDS[given["request"]](parts, group, given, run)


def _create(parts: Parts, group: Group, given: Given, run: Run) -> dict[str, Any]:
    key = f"{parts.chance.getrandbits(128):032x}"
    decision = create_webhook(group, key, unmarked(given.get("policy") or ""),
                              bool(given.get("capability")), int(parts.clock()))
    try:
        _give_secrets(parts, group.name, key, bool(given.get("capability")))
    except DatastoreError:
        _forget_secrets(parts, group.name, key)
        raise
    return _issued(parts, group, given, decision, key)


def _rotate(parts: Parts, group: Group, given: Given, run: Run) -> dict[str, Any]:
    key = key_of(group, unmarked(given.get("webhook") or ""))
    decision = rotate_webhook(group, key, int(parts.clock()))
    _give_secrets(parts, group.name, key, group.webhooks[key].capability)
    return _issued(parts, group, given, decision, key)


def _revoke(parts: Parts, group: Group, given: Given, run: Run) -> dict[str, Any]:
    key = key_of(group, unmarked(given.get("webhook") or ""))
    answer = _done(parts, group, given, revoke_webhook(group, key, int(parts.clock())))
    _forget_secrets(parts, group.name, key)
    return answer


def _places(group: str, key: str) -> tuple[str, str]:
    """The keys of a webhook's signing secret and of its token."""
    return keys.key(group, f"webhook_secret.{key}"), keys.key(group, f"webhook_token.{key}")


def _give_secrets(parts: Parts, group: str, key: str, capability: bool) -> None:
    """New ones; those that were there count no more."""
    secret, token = (parts.chance.getrandbits(256).to_bytes(32, "big") for _ in range(2))
    secret_place, token_place = _places(group, key)
    parts.store.set_secret(secret_place, "whsec_" + base64.b64encode(secret).decode())
    if capability:
        parts.store.set_secret(token_place, base64.urlsafe_b64encode(token).decode().rstrip("="))


def _forget_secrets(parts: Parts, group: str, key: str) -> None:
    for place in _places(group, key):
        parts.store.delete(place)


def _issued(
    parts: Parts, group: Group, given: Given, decision: Decision, key: str
) -> dict[str, Any]:
    """The answer says where the secrets are, not what they are: they pass no other execution."""
    secret_key, token_key = _places(group.name, key)
    return {**_done(parts, group, given, decision), "webhook": webhooks.name_of(group.name, key),
            "url": url(parts.config), "secret_key": secret_key, "token_key": token_key}


def url(config: Mapping[str, Any]) -> str:
    """Where requests go: whole, if it is configured how the world reaches StackStorm."""
    return str(config.get("webhook_base_url") or "").rstrip("/") + webhooks.PATH


def _done(parts: Parts, group: Group, given: Given, decision: Decision) -> dict[str, Any]:
    groups.save(parts.store, group, group.name, decision.changes)
    groups.record(parts.store, group.name, events.DECIDED, [events.event(
        parts.clock(), str(given.get("by") or "someone"), f"{given['request']}: {decision.message}",
        "done" if decision.accepted else "denied")])
    parts.tell(group.name, group.channel, texts.line([decision.message]))
    return {"asg": group.name, "accepted": decision.accepted, "force": False,
            "message": f"{group.name}: {decision.message}"}


def addressed(store: Datastore, received: str) -> dict[str, Any]:
    """Whom a request concerns: ``{asg, message, asked, whole}``, ``asg`` empty for nobody.

    ``asked`` is for asg.decide, percent-encoded JSON; ``whole``: the request is not too large for
    it. Here nothing is verified and nothing changes, so that it need not be one at a time.
    """
    nobody = {"asg": "", "asked": "", "whole": False}
    if len(received) > READABLE:
        return {**nobody, "message": "refused: far too large"}
    try:
        _, body = webhooks.received(received)
    except Refusal as refusal:
        return {**nobody, "message": f"refused: {refusal}"}
    found = webhooks.parts_of(body.get("webhook"))
    if found is None:
        return {**nobody, "message": "refused: its webhook is no webhook's id"}
    group, key = found
    if f'"{key}"' not in groups.texts(store, group).get("webhooks", ""):
        return {**nobody, "message": f"refused: there is no webhook {'.'.join(found)}"}
    whole = not webhooks.too_large(body)
    return {"asg": group, "message": f"for {'.'.join(found)}", "whole": whole,
            "asked": quote(json.dumps({"webhook": key, "too_large": not whole}))}


def _receive(parts: Parts, group: Group, given: Given, run: Run) -> dict[str, Any]:
    """Verify a request and run the policy. Its id is used up first: rather never than twice."""
    key = str(given.get("webhook"))
    webhook = group.webhooks.get(key)
    if webhook is None:
        raise BadRequest(f"{group.name} has no such webhook any more")
    by = f"webhook {key}"
    try:
        body, use = _let_in(parts, group, key, webhook, given)
        groups.save(parts.store, group, group.name, {
            "nonces": webhooks.admit(group.nonces, use, parts.clock())})
        return {**_run(run, webhook, by, body), "verified": True}
    except Refusal as refusal:
        place = keys.key(group.name, events.DECIDED)
        parts.store.set(place, refusals.noted(parts.store.get(place), parts.clock(), by, refusal))
        return {"asg": group.name, "accepted": False, "verified": False, "force": False,
                "message": f"{group.name}: {by} refused: {refusal}"}


def _run(run: Run, webhook: Webhook, by: str, body: Given) -> dict[str, Any]:
    said = body.get("reason")
    reason = texts.line([said], 160) if isinstance(said, str) else ""
    try:
        return run({"request": "policy_execute", "policy": webhook.policy, "by": by,
                    "reason": reason})
    except BadRequest as error:
        raise Refusal(refusals.NO_POLICY, str(error)) from None


def _let_in(
    parts: Parts, group: Group, key: str, webhook: Webhook, given: Given
) -> tuple[Given, Use]:
    """The body of a request that shows what it has to, and its use."""
    if webhook.revoked:
        raise Refusal(refusals.REVOKED)
    if given.get("too_large"):
        raise Refusal(refusals.TOO_LARGE)
    headers, body = webhooks.received(str(given.get("sealed") or ""))
    if webhooks.parts_of(body.get("webhook")) != (group.name, key):
        raise Refusal(refusals.MALFORMED, "it names another webhook")
    by_token = "token" in body and not headers.get("webhook-signature")
    check = _by_token if by_token else _by_signature
    return body, check(parts, group, key, headers, body)


def _by_token(parts: Parts, group: Group, key: str, headers: Given, body: Given) -> Use:
    if not group.webhooks[key].capability:
        raise Refusal(refusals.NO_CAPABILITY)
    token = _secret(parts, _places(group.name, key)[1])
    if not _same(token, str(body["token"])):
        raise Refusal(refusals.WRONG_TOKEN)
    return webhooks.use(key, "", 0, parts.clock())


def _by_signature(parts: Parts, group: Group, key: str, headers: Given, body: Given) -> Use:
    signed = webhooks.signed(headers)
    secret = _secret(parts, _places(group.name, key)[0])
    right = signature(secret, signed.id, signed.timestamp, canonical(body))
    matches = [_same(right, given) for given in signed.signatures]  # all: in constant time
    if not any(matches):
        raise Refusal(refusals.FORGED)
    webhooks.in_time(signed.timestamp, parts.clock())
    digest = hashlib.sha256(signed.id.encode()).hexdigest()[:32]
    return webhooks.use(key, digest, signed.timestamp, parts.clock())


def _secret(parts: Parts, place: str) -> str:
    secret = parts.store.secret(place)
    if not secret:
        raise Refusal(refusals.NO_SECRET, "see asg.decide's stderr; asg.webhook_rotate renews it")
    return secret


def _same(right: str, given: str) -> bool:
    return hmac.compare_digest(right.encode(), given.encode("utf-8", "surrogatepass"))


def canonical(body: Given) -> bytes:
    """The body as RFC 8785 has it: what is signed."""
    try:
        return rfc8785.dumps(dict(body))
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeEncodeError):
        raise Refusal(refusals.MALFORMED, "RFC 8785 has no form for the body") from None


def signature(secret: str, id: str, timestamp: int, content: bytes) -> str:
    """The base64 of HMAC-SHA256, as Standard Webhooks has it.

    Their own library reads the clock itself and breaks on what is malformed: it is for callers.
    """
    try:
        key = base64.b64decode(secret[len("whsec_"):], validate=True)
    except ValueError:
        key = b""
    if len(key) < SHORTEST:  # a hand has changed it: an empty key would let everybody in
        raise Refusal(refusals.NO_SECRET, f"it is not {SHORTEST} bytes or more as base64")
    signed = b".".join([id.encode(), str(timestamp).encode(), content])
    return base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


KINDS: Mapping[str, Callable[[Parts, Group, Given, Run], dict[str, Any]]] = {
    "webhook_create": _create,
    "webhook_rotate": _rotate,
    "webhook_revoke": _revoke,
    "webhook_receive": _receive,
}
