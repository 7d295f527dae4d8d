"""Slack, as far as chat.postMessage goes."""
from __future__ import annotations

from typing import Any


class Slack:
    """Keeps what is posted.

    `refuse_with`, when set, is the error that every message gets ('channel_not_found').
    """

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []
        self.refuse_with: str | None = None

    def post(self, message: dict[str, Any], now: float) -> dict[str, Any]:
        """Slack's answer, which is a 200 even for a refusal."""
        channel = message.get("channel")
        refusal = self.refuse_with or _finding(message)
        if refusal:
            return {"ok": False, "error": refusal}
        ts = f"{now:.0f}.{len(self.messages) + 1:06d}"
        extras: dict[str, Any] = {key: message[key]
                                  for key in ("blocks", "attachments", "thread_ts")
                                  if key in message}
        posted = {"channel": channel, "text": message.get("text", ""), "ts": ts, **extras}
        self.messages.append(posted)
        return {"ok": True, "channel": channel, "ts": ts, "message": posted}


def _finding(message: dict[str, Any]) -> str | None:
    if not message.get("channel"):
        return "channel_not_found"
    if not any(message.get(key) for key in ("text", "blocks", "attachments")):
        return "no_text"
    return None
