"""Tokens: given for an API key, valid for a while, revocable."""
from __future__ import annotations

import uuid
from random import Random
from typing import Any, Callable

from simcloud.errors import Refused
from simcloud.settings import Settings


class Tokens:
    """The tokens given out and until when each is valid."""

    def __init__(self, settings: Settings, now: Callable[[], float], random: Random) -> None:
        self._settings = settings
        self._now = now
        self._random = random
        self._expiry: dict[str, float] = {}

    def give(self, credentials: Any) -> tuple[str, float]:
        """A new token and when it expires; 401 for credentials that are not the account's."""
        expected = {"username": self._settings.username, "apiKey": self._settings.api_key}
        if credentials != expected:
            raise Refused(401, "Username or api key is invalid.")
        token = uuid.UUID(int=self._random.getrandbits(128)).hex
        self._expiry[token] = self._now() + self._settings.token_seconds
        return token, self._expiry[token]

    def check(self, token: str | None) -> None:
        """401 unless the token was given, has not expired and was not revoked."""
        if self._expiry.get(token or "", 0) <= self._now():
            raise Refused(401, "No valid token provided. Please use the 'X-Auth-Token' header.")

    def revoke(self) -> int:
        """End all tokens; returns how many there were."""
        count = len(self._expiry)
        self._expiry.clear()
        return count
