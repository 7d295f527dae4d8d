"""What a bench answers: a table to read, and promises that were kept or not."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Sequence


@dataclass(frozen=True)
class Promise:
    """Something countable that must be so on any machine."""

    sentence: str
    kept: bool


@dataclass(frozen=True)
class Report:
    """``columns`` head the ``rows``, whose cells are text; ``reading`` says how to read them."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    promises: Sequence[Promise] = ()
    reading: str = ""

    @property
    def broken(self) -> list[str]:
        return [promise.sentence for promise in self.promises if not promise.kept]

    def text(self) -> str:
        kept = [f"  {'kept' if each.kept else 'BROKEN'}: {each.sentence}"
                for each in self.promises]
        return "\n".join([self.title, *table([self.columns, *self.rows]),
                          *([self.reading] if self.reading else []), *kept])


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Aligned lines: the first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    return ["  " + "  ".join([row[0].ljust(widths[0]), *(
        cell.rjust(width) for cell, width in zip(row[1:], widths[1:]))]) for row in rows]


def ratio(value: float) -> str:
    """Three digits of it, as people read them: x0.94, x1.05, x12.1, x53."""
    digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
    return f"x{value:.{digits}f}"
