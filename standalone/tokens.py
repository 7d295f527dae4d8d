"""Short-lived tokens: each running action and sensor may call the API as its user."""

from __future__ import annotations

import secrets
import threading


class Tokens:
    """Issues a token for a process and forgets it when the process ends."""

    def __init__(self) -> None:
        self._users: dict[str, str] = {}
        self._lock = threading.Lock()

    def issue(self, user: str) -> str:
        """A new token that stands for the user until it is revoked."""
        token = secrets.token_hex(16)
        with self._lock:
            self._users[token] = user
        return token

    def revoke(self, token: str) -> None:
        """The token is worth nothing from now on."""
        with self._lock:
            self._users.pop(token, None)

    def user(self, token: str | None) -> str | None:
        """The user whom the token stands for, or None when it is not (or no longer) valid."""
        with self._lock:
            return self._users.get(token or "")
