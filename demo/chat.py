"""The chat: prints each line as it is posted to the region's Slack."""
from __future__ import annotations

import threading
from types import TracebackType

from demo.stage import Stage


class Chat:
    """Follows the channel until it is left; ``lines`` are those seen so far."""

    def __init__(self, stage: Stage, every: float = 0.3) -> None:
        self._stage = stage
        self._every = every
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self.lines: list[str] = []

    def __enter__(self) -> Chat:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self._left.set()
        self._thread.join()
        self._catch_up()

    def _follow(self) -> None:
        while not self._left.wait(self._every):
            self._catch_up()

    def _catch_up(self) -> None:
        messages = self._stage.control("slack/messages")["messages"]
        for message in messages[len(self.lines):]:
            self.lines.append(message["text"])
            print(f"    {message['channel']}  {message['text']}", flush=True)
