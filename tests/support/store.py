"""A datastore in a dictionary, with StackStorm's manners: text only."""
from __future__ import annotations


class DictStore:
    def __init__(self, texts: dict[str, str] | None = None) -> None:
        self.texts = dict(texts or {})

    def list(self, prefix: str) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if name.startswith(prefix)}

    def get(self, name: str) -> str | None:
        return self.texts.get(name)

    def set(self, name: str, text: str) -> None:
        assert isinstance(text, str)
        self.texts[name] = text

    def delete(self, name: str) -> None:
        self.texts.pop(name, None)

    def set_secret(self, name: str, text: str) -> None:
        self.texts[name] = text.encode().hex().upper()

    def secret(self, name: str) -> str | None:
        return bytes.fromhex(self.texts[name]).decode() if name in self.texts else None


class Lines:
    """A notifier that keeps what it was told."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def tell(self, channel, lines) -> None:
        self.told += lines
