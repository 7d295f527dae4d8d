"""HTTP/1.1 messages as far as forwarding them needs: where one ends, and what it is called."""
from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

LENGTH = re.compile(rb"\r\ncontent-length:\s*(\d+)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:", re.IGNORECASE)
CLOSE = re.compile(rb"\r\nconnection:\s*close", re.IGNORECASE)
END = b"\r\n\r\n"


@dataclass(frozen=True)
class Message:
    """A whole request or answer; `head` with the empty line that ends it."""

    head: bytes
    body: bytes = b""

    @property
    def raw(self) -> bytes:
        return self.head + self.body

    @property
    def status(self) -> str:
        """Of an answer: its three digits."""
        return self.head[9:12].decode("latin-1")

    @property
    def is_last(self) -> bool:
        """Whether its sender wants the connection to end with it."""
        return CLOSE.search(self.head) is not None

    @property
    def wants_no_body(self) -> bool:
        """Whether the answer to this request has a head only."""
        return self.head.startswith(b"HEAD ")

    @property
    def is_endless(self) -> bool:
        """Whether its length is not told in advance."""
        return LENGTH.search(self.head) is None

    @property
    def is_chunked(self) -> bool:
        return CHUNKED.search(self.head) is not None


def length(head: bytes) -> int:
    """How long the body is that follows, 0 unless that is told."""
    told = LENGTH.search(head)
    return int(told.group(1)) if told else 0


async def request(reader: asyncio.StreamReader) -> Message:
    """The next request; IncompleteReadError when there is none any more."""
    head = await reader.readuntil(END)
    return Message(head, await reader.readexactly(length(head)))


async def answer(reader: asyncio.StreamReader, to: Message) -> Message:
    """The answer to a request; IncompleteReadError when it breaks off.

    One that does not tell its length lasts as long as its connection.
    """
    head = await reader.readuntil(END)
    if to.wants_no_body:
        return Message(head)
    message = Message(head)
    return Message(head, await (
        reader.read() if message.is_endless else reader.readexactly(length(head))))
