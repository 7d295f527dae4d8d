"""Key pairs."""
from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Any

from simcloud.errors import Refused

SAFE_NAME = re.compile(r"[A-Za-z0-9 _-]{1,255}")
KEY_TYPES = re.compile(r"ssh-(rsa|dss|ed25519)|ecdsa-sha2-nistp(256|384|521)")


class Keypairs:
    """The account's key pairs by name."""

    def __init__(self) -> None:
        self._keypairs: dict[str, dict[str, Any]] = {}

    def all(self) -> list[dict[str, Any]]:
        return list(self._keypairs.values())

    def names(self) -> set[str]:
        return set(self._keypairs)

    def get(self, name: str) -> dict[str, Any]:
        """404 unless there is such a key pair."""
        try:
            return self._keypairs[name]
        except KeyError:
            raise Refused(404, f"Keypair {name} not found for user demo") from None

    def add(self, name: Any, public_key: Any) -> dict[str, Any]:
        """Keep a public key; 400 for a bad name or key, 409 for a name in use."""
        if not isinstance(name, str) or not SAFE_NAME.fullmatch(name):
            raise Refused(400, "Keypair data is invalid: Keypair name contains unsafe characters")
        if name in self._keypairs:
            raise Refused(409, f"Key pair '{name}' already exists.")
        keypair = {
            "name": name,
            "public_key": public_key,
            "fingerprint": _fingerprint(public_key),
            "user_id": "demo",
        }
        self._keypairs[name] = keypair
        return keypair

    def delete(self, name: str) -> None:
        self.get(name)
        del self._keypairs[name]


def _fingerprint(public_key: Any) -> str:
    words = public_key.split() if isinstance(public_key, str) else []
    if len(words) < 2 or not KEY_TYPES.fullmatch(words[0]):
        raise _bad_key()
    try:
        blob = base64.b64decode(words[1] + "=" * (-len(words[1]) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise _bad_key() from None
    # A key's first field names its type. Keys cut short in examples are let pass.
    expected = len(words[0]).to_bytes(4, "big") + words[0].encode()
    if not blob or blob[: len(expected)] != expected[: len(blob)]:
        raise _bad_key()
    digest = hashlib.md5(blob, usedforsecurity=False).hexdigest()
    return ":".join(digest[i : i + 2] for i in range(0, 32, 2))


def _bad_key() -> Refused:
    return Refused(400, "Keypair data is invalid: failed to generate fingerprint")
