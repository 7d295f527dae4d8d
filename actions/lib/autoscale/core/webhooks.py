"""Webhooks: which there are, what a request has to show, and which requests were seen already.

Requests are signed by the Standard Webhooks specification: the header ``webhook-id`` is a request's
own and never used twice, ``webhook-timestamp`` is in seconds since 1970, ``webhook-signature`` has
one or more ``v1,<base64 of HMAC-SHA256>`` of ``<id>.<timestamp>.<content>``. As StackStorm hands on
the parsed body only, the content is the body's canonical JSON (RFC 8785).
"""
from __future__ import annotations

import json
import math
import re
from dataclasses import asdict, dataclass, replace
from typing import Any, Mapping, NoReturn
from urllib.parse import unquote

from autoscale.core import names
from autoscale.core.refusals import (
    MALFORMED,
    MINUTE,
    OFF_TIME,
    REPLAYED,
    TOO_MANY,
    Refusal,
)

PATH = "/api/v1/webhooks/autoscale"
HEADERS = ("webhook-id", "webhook-timestamp", "webhook-signature")
LARGEST = 10_000
"""Bytes of a body."""
WINDOW = 300
"""Seconds by which a request's timestamp may be off, either way."""
SLACK = 60
"""Seconds for which an id is remembered beyond its window: the runners' clocks differ."""
RATE = 10
"""Requests a minute that a webhook takes."""
MOST = 50
"""Webhooks of a group that are not revoked, and revoked ones that are remembered."""

_KEY = re.compile(r"[0-9a-f]{32}")
_NONCE = re.compile(r"[!-\-/-~]{1,255}")  # printable, without a dot: what is signed is unambiguous
_SECONDS = re.compile(r"[1-9][0-9]{0,11}")


@dataclass(frozen=True)
class Webhook:
    """Runs ``policy``. ``capability``: its token alone will do. Times in seconds since 1970.

    ``revoked``: when it was, 0 for not.
    """

    policy: str
    capability: bool = False
    created: int = 0
    revoked: int = 0


@dataclass(frozen=True)
class Use:
    """A request that was let in.

    ``nonce``: a digest of its id, empty if it needs none. ``until``: as long as it is remembered.
    """

    webhook: str
    nonce: str
    at: int
    until: int


@dataclass(frozen=True)
class Signed:
    """What a signed request's headers say. ``signatures``: base64, of version 1."""

    id: str
    timestamp: int
    signatures: tuple[str, ...]


def name_of(group: str, key: str) -> str:
    """A webhook's id as callers know it; it tells the group."""
    return f"{group}.{key}"


def parts_of(name: object) -> tuple[str, str] | None:
    """The group and the key in a webhook's id, or None if it is not one."""
    group, _, key = name.partition(".") if isinstance(name, str) else ("", "", "")
    return (group, key) if names.is_label(group) and _KEY.fullmatch(key) else None


def received(encoded: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The headers and the body of a request: percent-encoded JSON ``{headers, body}``."""
    try:
        whole = json.loads(unquote(encoded))
        headers, body = whole["headers"], whole["body"]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refusal(MALFORMED, "not JSON") from None
    if not isinstance(headers, dict) or not isinstance(body, dict):
        raise Refusal(MALFORMED, "the body is no object")
    return headers, body


def too_large(body: Mapping[str, Any]) -> bool:
    """Whether the body is, written as briefly as it can be."""
    try:
        text = json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:
        return False  # that has no canonical form either, whatever its size
    return len(text.encode("utf-8", "surrogatepass")) > LARGEST


def signed(headers: Mapping[str, Any]) -> Signed:
    """What the headers say. Signatures of other versions are left out."""
    given = [headers.get(name) for name in HEADERS]
    for name, text in zip(HEADERS, given):
        if not text:
            raise Refusal(MALFORMED, f"no header {name}")
    nonce, seconds, signatures = map(str, given)
    if not _NONCE.fullmatch(nonce):
        raise Refusal(MALFORMED, "webhook-id must be printable, without dots, at most 255")
    if not _SECONDS.fullmatch(seconds):
        raise Refusal(MALFORMED, "webhook-timestamp must be in seconds since 1970")
    found = tuple(word[3:] for word in signatures.split()[:20] if word.startswith("v1,"))
    if not found:
        raise Refusal(MALFORMED, "webhook-signature must be v1, and base64")
    return Signed(nonce, int(seconds), found)


def in_time(timestamp: int, now: float) -> None:
    """Raise Refusal unless the timestamp is within the window."""
    off = now - timestamp
    if abs(off) > WINDOW:
        raise Refusal(OFF_TIME, f"{abs(off):.0f} s {'old' if off > 0 else 'ahead'}")


def use(webhook: str, nonce: str, timestamp: float, now: float) -> Use:
    """The use to be remembered, for as long as its timestamp will be taken."""
    return Use(webhook, nonce, math.ceil(now), math.ceil(max(timestamp, now)) + WINDOW + SLACK)


def admit(uses: tuple[Use, ...], new: Use, now: float) -> tuple[Use, ...]:
    """All uses to be remembered from now on, or Refusal. What is refused is not remembered."""
    kept = tuple(each for each in uses if each.until >= now)
    mine = [each for each in kept if each.webhook == new.webhook]
    if new.nonce and any(each.nonce == new.nonce for each in mine):
        raise Refusal(REPLAYED)
    if sum(each.at > now - MINUTE for each in mine) >= RATE:
        raise Refusal(TOO_MANY)
    return (*kept, new)


def revoke(webhooks: Mapping[str, Webhook], key: str, now: int) -> dict[str, Webhook]:
    """The webhooks with this one revoked, without those whose revocation is long forgotten."""
    after = {**webhooks, key: replace(webhooks[key], revoked=now)}
    revoked = sorted((k for k, webhook in after.items() if webhook.revoked),
                     key=lambda k: after[k].revoked)
    return {k: webhook for k, webhook in after.items() if k not in revoked[:-MOST]}


def encode(webhooks: Mapping[str, Webhook]) -> dict[str, Any]:
    return {key: asdict(webhook) for key, webhook in webhooks.items()}


def decode(value: Mapping[str, Any]) -> dict[str, Webhook]:
    return {key: _webhook(key, told) for key, told in value.items()}


def _webhook(key: str, told: Mapping[str, Any]) -> Webhook:
    if not _KEY.fullmatch(key) or not isinstance(told["policy"], str):
        _unlike()
    if not isinstance(told.get("capability", False), bool):
        _unlike()  # not bool(): a typed "false" must not switch it on
    return Webhook(told["policy"], told.get("capability", False), int(told.get("created", 0)),
                   int(told.get("revoked") or 0))


def _unlike() -> NoReturn:
    raise ValueError("not of the expected form")


def encode_uses(uses: tuple[Use, ...]) -> list[Any]:
    return [[each.webhook, each.nonce, each.at, each.until] for each in uses]


def decode_uses(value: Any) -> tuple[Use, ...]:
    return tuple(Use(str(webhook), str(nonce), int(at), int(until))
                 for webhook, nonce, at, until in value)
