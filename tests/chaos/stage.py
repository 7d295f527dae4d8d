"""Actors that take turns: one runs at a time, and chance decides which, at every pause.

An actor is a thread only so that the pack's code can be stopped anywhere; no two ever run at the
same time. When all of them wait, the clock moves on to the first that is due.
"""
from __future__ import annotations

import random
import threading
from typing import Any, Callable, Iterable

from simcloud import ManualClock

STAY = 0.7
"""How likely it is that an actor goes on at a pause that another could use."""

MOST_TURNS = 100_000
"""Turns in one schedule; ten times what the longest takes."""


class Killed(BaseException):
    """The process is dead: nothing but ``finally`` is carried out any more."""


class Actor:
    """Some work under way. ``doomed_at``: the pause at which it is killed."""

    def __init__(self, name: str, work: Callable[[], Any], doomed_at: int | None) -> None:
        self.name = name
        self.work = work
        self.doomed_at = doomed_at
        self.pauses = 0
        self.wake = 0.0
        self.blocked: Callable[[], bool] | None = None
        self.over = False
        self.killed = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.turn = threading.Semaphore(0)
        self.thread: threading.Thread | None = None


class Stage:
    """Where the actors play. ``running`` is the one whose turn it is."""

    def __init__(self, clock: ManualClock, chance: random.Random) -> None:
        self.clock = clock
        self.chance = chance
        self.actors: list[Actor] = []
        self.running: Actor | None = None
        self.turns = 0
        self._director = threading.Semaphore(0)

    def start(self, name: str, work: Callable[[], Any], doomed_at: int | None = None) -> Actor:
        """A new actor; it gets its first turn later."""
        actor = Actor(name, work, doomed_at)
        self.actors.append(actor)
        return actor

    def play(self, until: float | None = None) -> None:
        """Let them play until all are done, or until the clock has passed ``until``."""
        while self.actors:
            self.turns += 1
            if self.turns > MOST_TURNS:
                raise AssertionError("they never come to rest: "
                                     + ", ".join(a.name for a in self.actors))
            now = self.clock.now()
            if until is not None and now >= until:
                return
            ready = [a for a in self.actors if a.wake <= now and not (a.blocked and a.blocked())]
            if ready:
                self._give_turn(self.chance.choice(ready))
                continue
            due = [a.wake for a in self.actors if a.wake > now]
            if not due:
                raise AssertionError("all wait for each other: "
                                     + ", ".join(a.name for a in self.actors))
            self.clock.advance(min(due) - now)

    def _give_turn(self, actor: Actor) -> None:
        self.running = actor
        if actor.thread is None:
            actor.thread = threading.Thread(target=self._live, args=(actor,), daemon=True)
            actor.thread.start()
        else:
            actor.turn.release()
        self._director.acquire()
        self.running = None

    def _live(self, actor: Actor) -> None:
        try:
            actor.result = actor.work()
        except Killed:
            actor.killed = True
        except BaseException as error:  # shown to whoever waits for the actor
            actor.error = error
        actor.over = True
        self.actors.remove(actor)
        self._director.release()

    def pause(self) -> None:
        """A moment at which others may go on, and at which the process may die."""
        actor = self.running
        if actor is None:  # the director's own work
            return
        actor.pauses += 1
        if len(self.actors) > 1 and self.chance.random() >= STAY:
            self._hand_over(actor)
        self._perish(actor)

    def sleep(self, seconds: float) -> None:
        actor = self.running
        if actor is None:
            self.clock.advance(seconds)
            return
        actor.wake = self.clock.now() + seconds
        self._hand_over(actor)
        self._perish(actor)

    def wait_while(self, blocked: Callable[[], bool]) -> None:
        """Go on once ``blocked`` answers no; at once if it does so now."""
        actor = self.running
        assert actor is not None
        if blocked():
            actor.blocked = blocked
            try:
                self._hand_over(actor)
            finally:
                actor.blocked = None
        self._perish(actor)

    def join(self, actors: Iterable[Actor]) -> None:
        """Wait until these are done."""
        waited = list(actors)
        self.wait_while(lambda: not all(actor.over for actor in waited))

    def kill_all(self, spared: Callable[[Actor], bool]) -> int:
        """Every process dies at once; they notice at their next turn."""
        dying = [actor for actor in self.actors if not spared(actor)]
        for actor in dying:
            actor.doomed_at, actor.wake, actor.blocked = 0, 0.0, None
        return len(dying)

    def _hand_over(self, actor: Actor) -> None:
        self._director.release()
        actor.turn.acquire()

    def _perish(self, actor: Actor) -> None:
        if actor.doomed_at is not None and actor.pauses >= actor.doomed_at:
            actor.doomed_at = None
            raise Killed(actor.name)


class InTurn:
    """Stands in for ThreadPoolExecutor: what is submitted is done at once, in chance's order."""

    chance = random.Random(0)

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def __enter__(self) -> InTurn:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def submit(self, call: Callable[[], Any]) -> Done:
        return Done(call)

    def map(self, call: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        given = list(items)
        order = list(range(len(given)))
        self.chance.shuffle(order)
        results = {place: call(given[place]) for place in order}
        return [results[place] for place in range(len(given))]


class Done:
    """A future whose work is done."""

    def __init__(self, call: Callable[[], Any]) -> None:
        self._error: Exception | None = None
        try:
            self._result = call()
        except Exception as error:  # handed to whoever asks for the result
            self._error = error

    def result(self) -> Any:
        if self._error:
            raise self._error
        return self._result
