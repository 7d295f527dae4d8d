"""Encrypted datastore values, in the format StackStorm's key files and values have.

AES-256 in CBC mode with an HMAC-SHA1 over header, IV and ciphertext, in upper-case hex: Keyczar's
format, which StackStorm keeps for compatibility. `python -m standalone.crypto` prints a new key.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac, padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_HEADER = b"00000"
_BLOCK = 16
_SIGNATURE = 20


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _text(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode().rstrip("=")


@dataclass(frozen=True)
class ServerKey:
    """The symmetric key of a StackStorm."""

    aes: bytes
    mac: bytes

    @classmethod
    def generate(cls) -> ServerKey:
        """A new key."""
        return cls(os.urandom(32), os.urandom(32))

    @classmethod
    def from_json(cls, text: str) -> ServerKey:
        """A key as st2-generate-symmetric-crypto-key writes it. Raises ValueError."""
        try:
            content = json.loads(text)
            return cls(_bytes(content["aesKeyString"]), _bytes(content["hmacKey"]["hmacKeyString"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"not a server key in JSON: {error}") from error

    def to_json(self) -> str:
        """The key as a key file holds it."""
        mac = {"hmacKeyString": _text(self.mac), "size": 8 * len(self.mac)}
        return json.dumps(
            {
                "hmacKey": mac,
                "aesKeyString": _text(self.aes),
                "mode": "CBC",
                "size": 8 * len(self.aes),
            }
        )

    def encrypt(self, plain: str) -> str:
        """Upper-case hex, different each time."""
        start = os.urandom(_BLOCK)
        padder = padding.PKCS7(8 * _BLOCK).padder()
        padded = padder.update(plain.encode()) + padder.finalize()
        encryptor = self._cipher(start).encryptor()
        message = _HEADER + start + encryptor.update(padded) + encryptor.finalize()
        return (message + self._sign(message).finalize()).hex().upper()

    def decrypt(self, encrypted: str) -> str:
        """The plain text. Raises ValueError for what this key did not encrypt."""
        try:
            message = bytes.fromhex(encrypted)
            signed, signature = message[:-_SIGNATURE], message[-_SIGNATURE:]
            self._sign(signed).verify(signature)
        except (ValueError, InvalidSignature) as error:
            raise ValueError("the value was not encrypted with this key, or is damaged") from error
        body = signed[len(_HEADER) :]
        decryptor = self._cipher(body[:_BLOCK]).decryptor()
        padded = decryptor.update(body[_BLOCK:]) + decryptor.finalize()
        unpadder = padding.PKCS7(8 * _BLOCK).unpadder()
        return (unpadder.update(padded) + unpadder.finalize()).decode()

    def _cipher(self, start: bytes) -> Cipher[modes.CBC]:
        return Cipher(algorithms.AES(self.aes), modes.CBC(start))

    def _sign(self, message: bytes) -> hmac.HMAC:
        made = hmac.HMAC(self.mac, hashes.SHA1())  # the format's, not a choice
        made.update(message)
        return made


if __name__ == "__main__":
    print(ServerKey.generate().to_json())
