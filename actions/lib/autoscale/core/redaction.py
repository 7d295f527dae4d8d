"""Secrets in what others have printed: recognised by their form, or because they are known."""
from __future__ import annotations

import re
from typing import Iterable

GONE = "***"

SHORTEST = 4
"""Characters that a known secret has at least: what is shorter stands in many innocent words."""

_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----.*?"
    r"(-----END [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----|\Z)", re.DOTALL)
_SCHEME = re.compile(r"(?i)\b(bearer|basic|negotiate|digest)(\s+)[a-z0-9+/=._~-]{6,}")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization[\"']?\s*[:=]\s*)[^\r\n]+")
_USERINFO = re.compile(r"(?i)\b([a-z][a-z0-9+.-]*://)(?:[^\s/@:\"'<>]+:[^\s@\"'<>]+|[^\s/@\"'<>]+)@")
_NAMES = (r"pass(?:word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key"
          r"|secret[_-]?key|encryption[_-]?key|auth[_-]?key|credentials?|client[_-]?secret|sig|signature")
_PAIR = re.compile(
    rf"(?i)([\"']?(?<![/\w.-])[\w.-]*(?:{_NAMES})[\"']?\s*(?:=>|[:=])\s*)"
    r"(\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'|[^\s,;&}\]\"']+)")
_OPTION = re.compile(
    rf"(?i)((?:^|\s)--?[\w-]*(?:{_NAMES})\s+)(\"[^\"]*\"|'[^']*'|[^\s-]\S*)")


def redact(text: str, known: Iterable[str] = ()) -> str:
    """The text without what looks like a secret, and without these secrets.

    ``password=...``, ``token: ...`` and their like, ``Authorization`` headers, ``Bearer ...``, user
    and password in addresses, private keys.
    """
    for secret in sorted(set(known), key=len, reverse=True):
        if len(secret.strip()) >= SHORTEST:
            text = text.replace(secret, GONE)
    text = _KEY.sub(GONE, text)
    text = _HEADER.sub(rf"\1{GONE}", text)
    text = _SCHEME.sub(rf"\1\2{GONE}", text)
    text = _USERINFO.sub(rf"\1{GONE}@", text)
    text = _PAIR.sub(rf"\1{GONE}", text)
    return _OPTION.sub(rf"\1{GONE}", text)


def ending(text: str, known: Iterable[str] = (), most: int = 1000) -> str:
    """The last characters of the text, without secrets: removed first, so that none is cut in two
    and no longer known for one."""
    return redact(text, known).strip()[-most:]
