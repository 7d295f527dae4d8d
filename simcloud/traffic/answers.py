"""Answers in HTTP/1.1, made without a library: they are all that is ever sent."""
from __future__ import annotations


def http_answer(status: str, text: str, *headers: str) -> bytes:
    """A whole answer with a text and further headers."""
    body = text.encode()
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: text/plain; charset=utf-8",
        f"Content-Length: {len(body)}",
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
