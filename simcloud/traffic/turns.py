"""Whose turn it is, by weight."""
from __future__ import annotations

from typing import Mapping


class Turns:
    """Gives turns in proportion to weights, always in the same order.

    SMOOTH WEIGHTED ROUND ROBIN: at each turn everybody earns his weight; who has the most is next,
    and pays what all have earned at that turn. Of as many turns as the weights add up to, each
    gets exactly his weight, and a heavy one's are spread among the others': with 3 and 1 it is
    a, a, b, a. Of equal weights each comes once in every round.
    """

    def __init__(self) -> None:
        self._weights: dict[int, int] = {}
        self._earned: dict[int, int] = {}

    def among(self, weights: Mapping[int, int]) -> None:
        """These from now on, with their weights. If any is another than before, all begin anew:
        nobody is to make up for turns that he had not when others were there."""
        if dict(weights) != self._weights:
            self._weights = dict(weights)
            self._earned = dict.fromkeys(weights, 0)

    def next(self) -> int | None:
        """Whose turn it is; None when there is nobody."""
        if not self._weights:
            return None
        for each, weight in self._weights.items():
            self._earned[each] += weight
        chosen = max(self._earned, key=self._earned.__getitem__)
        self._earned[chosen] -= sum(self._weights.values())
        return chosen
