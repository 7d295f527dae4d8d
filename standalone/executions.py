"""Executions: requested, scheduled, run, canceled, run again; and what became of them.

A document has the shape that StackStorm's REST API shows: id, action, runner, liveaction,
parameters, status, result, start_timestamp, end_timestamp, context, parent, children, log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

if TYPE_CHECKING:
    from standalone.app import App

Doc = dict  # an execution document

ACTIVE = ("requested", "scheduled", "delayed", "running", "canceling")
COMPLETED = ("succeeded", "failed", "timeout", "canceled", "abandoned")


class UnknownExecution(LookupError):
    """No execution has this id."""


class Refused(ValueError):
    """The request can't be carried out, as the message says (unknown or disabled action ...)."""


class Executions:
    """All executions of the process, and those that the database remembers."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.observers: list[Callable[[dict[str, Any]], None]] = []
        """Each is called with the document at every change of status."""

    def request(
        self,
        ref: str,
        parameters: dict[str, Any] | None = None,
        *,
        context: dict[str, Any] | None = None,
        parent: str | None = None,
        task: dict[str, Any] | None = None,
        delay: float = 0,
        notify: dict[str, Any] | None = None,
        tags: tuple[Any, ...] = (),
    ) -> dict[str, Any]:
        """Renders and checks the parameters, stores the execution and has it run; returns it.

        `context` is StackStorm's action context (user, trigger_instance, rule, ...), `delay`
        is in seconds. Raises `Refused` for an unknown or disabled action and `ParameterError`
        for bad parameters; then nothing is stored.
        """
        raise NotImplementedError

    def get(self, id: str) -> dict[str, Any]:
        """The document. Raises `UnknownExecution`."""
        raise NotImplementedError

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        *,
        ascending: bool = False,
        **filters: Any,
    ) -> tuple[list[dict[str, Any]], int]:
        """Documents, newest first, and how many match in all.

        Filters: action, status, parent ("null" for those without), user, trigger_instance, rule,
        timestamp_gt, timestamp_lt (ISO). A filter of None counts as not given.
        """
        raise NotImplementedError

    def children(self, id: str, depth: int = -1) -> list[dict[str, Any]]:
        """Children and, down to `depth` levels (-1: all), theirs, depth first, oldest first."""
        raise NotImplementedError

    def cancel(self, id: str) -> dict[str, Any]:
        """Kills an action, asks a workflow to end. An execution that has ended is `Refused`."""
        raise NotImplementedError

    def rerun(
        self, id: str, parameters: dict[str, Any] | None = None, user: str | None = None
    ) -> dict[str, Any]:
        """Requests the same action again, with some parameters replaced."""
        raise NotImplementedError

    def wait(self, id: str, timeout: float = 30) -> dict[str, Any]:
        """The document once the execution has ended. Raises TimeoutError."""
        raise NotImplementedError

    def output(self, id: str, kind: str | None = None) -> str:
        """What it printed so far: stdout and stderr, or only the one that `kind` names."""
        raise NotImplementedError

    def start(self) -> None:
        """Marks as abandoned what an earlier process left running, and takes up work."""

    def stop(self) -> None:
        """Ends what runs and marks it abandoned."""

    def wait_idle(self, timeout: float) -> None:
        """Returns when no execution is active; TimeoutError names those that are."""
        raise NotImplementedError
