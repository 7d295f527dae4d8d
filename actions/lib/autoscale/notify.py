"""Telling people: lines in a Slack channel, or in the log where there is no token."""
from __future__ import annotations

import logging
from typing import Any, Iterable, Mapping

TIMEOUT = 5
"""Seconds for one message: news is not worth more."""


class LogNotifier:
    """Tells the log."""

    def __init__(self, log: logging.Logger) -> None:
        self._log = log

    def tell(self, channel: str, lines: Iterable[str]) -> None:
        for line in lines:
            self._log.info("[%s] %s", channel, line)


class SlackNotifier:
    """Posts to Slack, and to the log what Slack does not take. Never raises."""

    def __init__(self, token: str, base_url: str | None, log: logging.Logger) -> None:
        self._token = token
        self._base_url = base_url
        self._log = log

    def tell(self, channel: str, lines: Iterable[str]) -> None:
        texts = list(lines)
        if not channel or not texts:
            return LogNotifier(self._log).tell(channel, texts)
        try:
            client = self._client()
            for text in texts:
                client.chat_postMessage(channel=channel, text=_escaped(text), unfurl_links=False)
        except Exception as error:  # whatever happens to a message, the work goes on
            self._log.warning("Slack did not take a message for %s: %s", channel,
                              str(error).replace(self._token, "..."))
            LogNotifier(self._log).tell(channel, texts)
        return None

    def _client(self) -> Any:
        # Imported here: most actions have nothing to tell, and it takes its time.
        from slack_sdk import WebClient
        from slack_sdk.http_retry.builtin_handlers import RateLimitErrorRetryHandler

        base_url = (self._base_url or WebClient.BASE_URL).rstrip("/") + "/"
        client = WebClient(token=self._token, base_url=base_url, timeout=TIMEOUT)
        client.retry_handlers.append(RateLimitErrorRetryHandler(max_retry_count=1))
        return client


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def notifier(config: Mapping[str, Any], log: logging.Logger) -> LogNotifier | SlackNotifier:
    """The notifier that the pack's configuration asks for."""
    token = config.get("slack_token")
    if not token:
        return LogNotifier(log)
    return SlackNotifier(str(token), config.get("slack_url") or None, log)


def headed(group: str, texts: Iterable[str]) -> list[str]:
    """The lines as they are told, beginning with the group's name."""
    return [f"ASG[{group}] {text}" for text in texts]
