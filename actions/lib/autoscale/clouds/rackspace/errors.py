"""From HTTP to the errors of ``autoscale.seams``: the only place that knows status codes.

One status has several meanings, told apart by the message (Rackspace's documentation, and
Otter's ``cloud_client.py``, which met them in production):

- 413: rate limited; over a quota (nodes, load balancers, servers); a node that is there already.
- 422: being changed by another request; deleted; a node that is there already.
- 5xx, and silence: the request may have been carried out all the same.
"""
from __future__ import annotations

import json
import re
from typing import Mapping, Type

from autoscale.clouds.rackspace.times import seconds_to_wait
from autoscale.clouds.rackspace.transport import Answer, NoAnswer, Outcome
from autoscale.seams import (
    AuthenticationFailed,
    Busy,
    CloudError,
    Conflict,
    Gone,
    InvalidLaunch,
    QuotaReached,
    Refused,
    Uncertain,
)

Kinds = Mapping[int, Type[CloudError]]

LONGEST = 300  # characters of the cloud's own text in a message

_DUPLICATE = re.compile(r"duplicate|already (?:configured|exists)", re.IGNORECASE)
_RATE = re.compile(r"\brate\b|rate-limit|too many requests", re.IGNORECASE)
_QUOTA = re.compile(
    r"quota|must not exceed|maximum (?:number|allowed)|exceeded for|"
    r"limit\b.{0,40}(?:reached|exceeded)|exceeds? (?:the|your) ",
    re.IGNORECASE,
)
_DELETED = re.compile(r"pending[_-]delete|is deleted|'deleted'|marked as deleted", re.IGNORECASE)
_IMMUTABLE = re.compile(r"immutable|pending[_-]update|'build'", re.IGNORECASE)
_BROKEN = re.compile(r"status of 'error'", re.IGNORECASE)

_BY_STATUS: Kinds = {
    401: AuthenticationFailed,
    404: Gone,
    409: Conflict,
    410: Gone,
    429: Busy,
}

_ADVICE: Mapping[type[CloudError], str] = {
    AuthenticationFailed: "check username and api_key in the pack's configuration",
    Busy: "nothing was changed, try again later",
    Conflict: "remove it or choose another name",
    Gone: "it does not exist (any more)",
    InvalidLaunch: "correct the launch configuration (image, size, key, user data)",
    QuotaReached: "raise the quota or delete something",
    Refused: "it can't succeed as it is",
    Uncertain: "it may have taken effect all the same, look before trying again",
}


def error_of(outcome: Outcome, what: str, changes: bool, kinds: Kinds | None = None) -> CloudError:
    """The typed error for a request that failed.

    ``what`` completes 'could not ...'; ``changes`` says whether the request would change
    something; ``kinds`` says what a status means for this request, before the general rules.
    """
    if isinstance(outcome, NoAnswer):
        kind = Uncertain if changes and outcome.sent else CloudError
        return _error(kind, what, outcome.reason, None)
    said = text_of(outcome.text)
    kind = _kind(outcome.status, said, changes, kinds or {})
    reason = f"the cloud answered {outcome.status}{': ' if said else ''}{said}"
    return _error(kind, what, reason, _retry_after(outcome))


def unreadable(reason: str, what: str, changes: bool) -> CloudError:
    """The error for an answer that says success but can't be understood."""
    kind = Uncertain if changes else CloudError
    return _error(kind, what, f"the cloud's answer can't be understood ({reason})", None)


def _error(
    kind: type[CloudError], what: str, reason: str, retry_after: float | None
) -> CloudError:
    advice = _ADVICE.get(kind, "try again later")
    return kind(f"could not {what}: {reason.rstrip('. ')}; {advice}", retry_after)


def _kind(status: int, said: str, changes: bool, kinds: Kinds) -> type[CloudError]:
    if status >= 500:
        return Uncertain if changes else CloudError
    if status in kinds:
        return kinds[status]
    if status in (400, 413, 422) and _DUPLICATE.search(said):
        return Conflict
    if status == 413:
        return QuotaReached if _QUOTA.search(said) and not _RATE.search(said) else Busy
    if status == 422:
        return _unprocessable(said)
    return _BY_STATUS.get(status, Refused)


def _unprocessable(said: str) -> type[CloudError]:
    if _DELETED.search(said):
        return Gone
    if _BROKEN.search(said):
        return Refused
    return Busy if _IMMUTABLE.search(said) or not said else Refused


def _retry_after(answer: Answer) -> float | None:
    header = next((v for k, v in answer.headers.items() if k.lower() == "retry-after"), None)
    date = next((v for k, v in answer.headers.items() if k.lower() == "date"), None)
    return seconds_to_wait(header, date)


def text_of(body: str) -> str:
    """What an error's body says, on one line of at most LONGEST characters.

    The services wrap their messages differently: {"itemNotFound": {"message"}}, {"message",
    "details"}, {"validationErrors": {"messages"}}; a proxy in between answers in HTML.
    """
    try:
        pieces = _messages(json.loads(body))
    except ValueError:
        pieces = [re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", body, flags=re.S | re.I)]
    lines = (" ".join(piece.split()) for piece in pieces)
    words = ": ".join(dict.fromkeys(line for line in lines if line))
    return words if len(words) <= LONGEST else words[: LONGEST - 3] + "..."


def _messages(body: object) -> list[str]:
    if isinstance(body, str):
        return [body]
    if isinstance(body, list):
        return [text for item in body for text in _messages(item)]
    if not isinstance(body, dict):
        return []
    named = [body[key] for key in ("message", "details", "messages", "faults") if body.get(key)]
    nested = [value for value in body.values() if isinstance(value, dict)]
    return [text for item in named + nested for text in _messages(item)]
