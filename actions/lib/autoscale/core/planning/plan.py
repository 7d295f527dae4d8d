"""The value that planning answers with."""
from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Iterable, Mapping, TypeVar

from autoscale.core.hooks import HookRun
from autoscale.core.steps import AddNode, AddRecord, Step

T = TypeVar("T")


@dataclass(frozen=True)
class Plan:
    """What to do now, what to wait for, and what a person has to see to.

    ``steps`` can all be applied at the same time. ``hooks`` are names of runs of hooks that are to
    begin. ``awaited`` and ``problems`` are sentences, ``resting`` too: what is waited for so
    long that no convergence stays for it, and ``notes``: what is worth knowing and neither waited
    for nor wrong. ``news`` are sentences for the history, each with its outcome, done or failed.
    ``runs`` are runs that are new, changed, or, None, over. ``learned`` are the group's fields that
    have to be written BEFORE the steps are applied: it is what makes repeating them safe. ``used``
    are the runs whose results may be forgotten after that. ``total`` is the number of servers that
    serve or could. ``more_to_join``: others are about to be ready to join than those that do now.
    """

    steps: tuple[Step, ...] = ()
    hooks: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    resting: tuple[str, ...] = ()
    learned: Mapping[str, Any] = field(default_factory=dict)
    total: int = 0
    notes: tuple[str, ...] = ()
    news: tuple[tuple[str, str], ...] = ()
    runs: Mapping[str, HookRun | None] = field(default_factory=dict)
    used: tuple[str, ...] = ()
    more_to_join: bool = False

    def __add__(self, other: Plan) -> Plan:
        return together((self, other))

    @property
    def idle(self) -> bool:
        """Nothing to do at this moment."""
        return not self.steps and not self.hooks

    @property
    def converged(self) -> bool:
        """Nothing to do, nothing to wait for, nothing wrong."""
        return self.idle and not (self.awaited or self.problems or self.resting)

    @property
    def can_wait(self) -> bool:
        """All that is to be done is letting nodes join while others are about to be ready.

        A load balancer takes one change at a time, and DNS few a minute: nodes join together.
        """
        joins = all(isinstance(step, (AddNode, AddRecord)) for step in self.steps)
        return self.more_to_join and joins and not self.hooks


def together(plans: Iterable[Plan]) -> Plan:
    """All of them as one. Of what two have learned, or of one run, the later word counts.

    Adding thousands one after the other would copy all those before each time.
    """
    each = tuple(plans)
    return Plan(
        _joined(plan.steps for plan in each),
        _joined(plan.hooks for plan in each),
        _joined(plan.awaited for plan in each),
        _joined(plan.problems for plan in each),
        _joined(plan.resting for plan in each),
        {name: of for plan in each for name, of in plan.learned.items()},
        sum(plan.total for plan in each),
        _joined(plan.notes for plan in each),
        _joined(plan.news for plan in each),
        {name: run for plan in each for name, run in plan.runs.items()},
        _joined(plan.used for plan in each),
        any(plan.more_to_join for plan in each),
    )


def _joined(parts: Iterable[tuple[T, ...]]) -> tuple[T, ...]:
    return tuple(chain.from_iterable(parts))
