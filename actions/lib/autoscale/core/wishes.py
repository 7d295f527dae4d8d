"""Several wishes at once for one group: which one wins, and why the others do not."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Iterable

from autoscale.core import texts


@dataclass(frozen=True)
class Wish:
    """``name`` wants the group to have this capacity, from ``possible_at`` on (seconds since 1970).

    Wanting the present capacity is a wish too: to stay. ``why`` is a clause for people.
    """

    name: str
    capacity: int
    possible_at: int = 0
    why: str = ""


@dataclass(frozen=True)
class Outcome:
    """``capacity`` is what the group is to have. ``told``: which wish won and which lost, each a
    clause. ``possible_at``: when a wish that is not possible yet will be, if one was kept waiting.
    """

    capacity: int
    winner: Wish | None
    losers: tuple[Wish, ...] = ()
    told: tuple[str, ...] = ()
    possible_at: int | None = None


def contest(wishes: Iterable[Wish], current: int, now: float, noun: str) -> Outcome:
    """The outcome: up beats staying, staying beats down; of one direction the largest capacity.

    So the largest capacity wins. A wish to grow that is not possible yet still keeps the group from
    shrinking; one to shrink that is not possible yet keeps nobody from anything. ``noun``: what
    the group is counted in.
    """
    def rank(wish: Wish) -> tuple[bool, int, int, str, int, str]:
        early = _early(wish, current, now)
        return (early and wish.capacity < current, -(current if early else wish.capacity),
                -wish.capacity, wish.name, wish.possible_at, wish.why)

    ranked = sorted(wishes, key=rank)
    if not ranked:
        return Outcome(current, None)
    winner, losers = ranked[0], tuple(ranked[1:])
    capacity = current if _early(winner, current, now) else winner.capacity
    waiting = [wish.possible_at for wish in ranked if _early(wish, current, now)]
    told = (_won(winner, current, now, noun),
            *(_lost(wish, capacity, current, now, noun) for wish in losers))
    return Outcome(capacity, winner, losers, told, min(waiting, default=None))


def _early(wish: Wish, current: int, now: float) -> bool:
    """Whether the wish would change something, but may not yet."""
    return wish.capacity != current and now < wish.possible_at


def _won(wish: Wish, current: int, now: float, noun: str) -> str:
    if _early(wish, current, now):
        return f"{_named(wish, noun)}, possible {texts.wait(wish.possible_at - now)}"
    return _named(wish, noun)


def _lost(wish: Wish, capacity: int, current: int, now: float, noun: str) -> str:
    """The loser and the reason, by what the winner stands for."""
    if _early(wish, current, now):
        return f"{_named(wish, noun)}: lost, possible only {texts.wait(wish.possible_at - now)}"
    if wish.capacity == capacity:
        return f"{_named(wish, noun)}: the same"
    if wish.capacity > current or capacity < current:
        return f"{_named(wish, noun)}: lost, the larger wins"
    winner = "growing" if capacity > current else "staying"
    return f"{_named(wish, noun)}: lost, {winner} beats " + (
        "staying" if wish.capacity == current else "shrinking")


def _named(wish: Wish, noun: str) -> str:
    why = f" ({wish.why})" if wish.why else ""
    return f"{wish.name} wants {texts.count(wish.capacity, noun)}{why}"
