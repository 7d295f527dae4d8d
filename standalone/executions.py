"""Executions: requested, scheduled, run, canceled, run again; and what became of them.

A document has the shape that StackStorm's REST API shows: id, action, runner, liveaction,
parameters, status, result, start_timestamp, end_timestamp, context, parent, children, log.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable, Sequence

from standalone import policies, rendering
from standalone.documents import ACTIVE, COMPLETED, change, new_document
from standalone.errors import NotFoundError, RequestError
from standalone.execution_table import ExecutionTable
from standalone.launch import Launcher
from standalone.resources import Action
from standalone.runners.processes import Running
from standalone.scheduler import Scheduler
from standalone.workflows import Workflows

if TYPE_CHECKING:
    from standalone.app import App

__all__ = ["ACTIVE", "COMPLETED", "Executions", "Refused", "UnknownExecution"]

LOG = logging.getLogger(__name__)
Documents = list[dict[str, Any]]
PROCESSES = 32
USER = "stanley"


class UnknownExecution(NotFoundError):
    """No execution has this id."""


class Refused(RequestError):
    """The request can't be carried out, as the message says (unknown or disabled action ...)."""


class Executions:
    """All executions of the process, and those that the database remembers."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.observers: list[Callable[[dict[str, Any]], None]] = []
        """Each is called with the document at every change of status. They must be quick."""
        self._table = ExecutionTable(app.store)
        self._alarms = app.alarms
        self._running = Running()
        self._policies = [one for pack in app.packs.values() for one in pack.policies]
        self._scheduler = Scheduler(self._policies, self._alarms, self._submit, self._mark)
        self._workflows = Workflows(self)
        self._launcher = Launcher(app, self._running, self._alarms, self._workflows)
        self._pool = ThreadPoolExecutor(PROCESSES, "execution")
        self._changed = threading.Condition(threading.RLock())
        self._active: dict[str, dict[str, Any]] = {}
        self._stopping = False

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
        rendered: bool = False,
    ) -> dict[str, Any]:
        """Renders and checks the parameters, stores the execution and has it run; returns it.

        `context` is StackStorm's action context (user, trigger_instance, rule, ...), `task` its
        part `orquesta` for a workflow's child, `delay` is in seconds; `rendered` parameters are
        taken as they are. Raises `Refused` for an unknown or disabled action and
        `ParameterError` for bad parameters; then nothing is stored.
        """
        action = self._requested(ref)
        full = {"user": USER, "pack": action.pack, **(context or {})}
        if task:
            full["orquesta"] = task
        given = dict(parameters or {})
        if not rendered:
            given = rendering.live(action.schema, given, self._surroundings(action, full))
        rendering.check(action.schema, given)
        more = {"parent": parent, "delay": delay, "notify": notify, "tags": list(tags)}
        more = {name: value for name, value in more.items() if value}
        document = new_document(action, given, full, **more)
        with self._changed:
            if self._stopping:
                raise Refused("standalone is stopping")
            self._table.insert(document)
            self._active[document["id"]] = document
        self._tell(document)
        self._scheduler.add(document, delay)
        return self.get(document["id"])

    def get(self, id: str) -> dict[str, Any]:
        """The document. Raises `UnknownExecution`."""
        document = self._table.get(id)
        if document is None:
            raise UnknownExecution(f'Resource with id "{id}" not found')
        return document

    def list(
        self,
        limit: int = 50,
        offset: int = 0,
        *,
        ascending: bool = False,
        **filters: Any,
    ) -> tuple[Documents, int]:
        """Documents, newest first, and how many match in all.

        Filters: action, status, parent ("null" for those without), user, trigger_instance, rule,
        timestamp_gt, timestamp_lt (ISO). A filter of None counts as not given.
        """
        return self._table.find(limit, offset, ascending, filters)

    def children(self, id: str, depth: int = -1) -> Documents:
        """Children and, down to `depth` levels (-1: all), theirs, depth first, oldest first."""
        found = []
        for child in self._table.children(id):
            found.append(child)
            if child["children"] and depth != 1:
                found += self.children(child["id"], depth - 1)
        return found

    def cancel(self, id: str) -> dict[str, Any]:
        """Kills an action, asks a workflow to end. An execution that has ended is `Refused`."""
        document = self._active.get(id)
        if document is None:
            status = self.get(id)["status"]
            raise Refused(f"Execution {id} is already in terminal state: {status}")
        waiting = self._mark(document, "canceled", before=("requested", "scheduled", "delayed"))
        if not waiting and self._mark(document, "canceling", before=("running",)):
            self._scheduler.release(document)
            if document["action"]["runner_type"] == "orquesta":
                self._workflows.cancel(id)
            else:
                self._running.kill(id)
        return self.get(id)

    def rerun(
        self, id: str, parameters: dict[str, Any] | None = None, user: str | None = None
    ) -> dict[str, Any]:
        """Requests the same action again, with some parameters replaced."""
        before = self.get(id)
        context = {"re-run": {"ref": id}, "user": user or before["context"].get("user", USER)}
        given = {**before["parameters"], **(parameters or {})}
        return self.request(before["action"]["ref"], given, context=context)

    def wait(self, id: str, timeout: float = 30) -> dict[str, Any]:
        """The document once the execution has ended. Raises TimeoutError."""
        with self._changed:
            if not self._changed.wait_for(lambda: id not in self._active, timeout):
                raise TimeoutError(f"execution {id} is {self._active[id]['status']}")
        return self.get(id)

    def output(self, id: str, kind: str | None = None) -> str:
        """What it printed so far: stdout and stderr, or only the one that `kind` names."""
        process = self._running.get(id)
        if process is not None:
            parts = {"stdout": process.stdout(), "stderr": process.stderr()}
        else:
            result = self.get(id).get("result")
            parts = result if isinstance(result, dict) else {}
        kinds = ("stdout", "stderr") if kind in (None, "all") else (kind,)
        return "".join(str(parts.get(one) or "") for one in kinds)

    def start(self) -> None:
        """Marks as abandoned what an earlier process left running, and takes up work."""
        for document in self._table.active():
            change(document, "abandoned", document.get("result"))
            self._table.update(document)

    def stop(self) -> None:
        """Ends what runs and marks it abandoned."""
        with self._changed:
            self._stopping = True
            left = list(self._active.values())
        for document in left:
            self._mark(document, "abandoned")
        self._running.kill()
        self._pool.shutdown()
        self._workflows.stop()

    def wait_idle(self, timeout: float) -> None:
        """Returns when no execution is active; TimeoutError names those that are."""
        with self._changed:
            if not self._changed.wait_for(lambda: not self._active, timeout):
                names = [f"{one['action']['ref']} {one['status']}" for one in self._active.values()]
                raise TimeoutError(f"still active: {', '.join(names)}")

    def finish(self, id: str, status: str, result: Any) -> None:
        """An execution has ended; what was being canceled is canceled, however it ended."""
        document = self._active.get(id)
        if document is not None:
            canceled = document["status"] == "canceling"
            self._mark(document, "canceled" if canceled else status, result)

    def _requested(self, ref: str) -> Action:
        action = self.app.action(ref)
        if action is None:
            raise Refused(f'Action "{ref}" cannot be found.')
        if not action.enabled:
            raise Refused(f'Unable to execute. Action "{ref}" is disabled.')
        return action

    def _surroundings(self, action: Action, context: dict[str, Any]) -> rendering.Surroundings:
        user = str(context.get("user") or USER)
        config = self.app.pack_config(action.pack, user)
        return rendering.Surroundings(self.app.keys, config, context, user)

    def _submit(self, document: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError):  # stopped
            self._pool.submit(self._launch, document)

    def _launch(self, document: dict[str, Any]) -> None:
        """Runs an action to its end; a workflow is only begun."""
        action = self.app.action(document["action"]["ref"])
        assert action is not None
        try:
            around = self._surroundings(action, document["context"])
            parameters = rendering.final(action.schema, document["parameters"], around)
            if not self._mark(document, "running"):
                return
            outcome = self._launcher.launch(document, action, parameters, around)
        except Exception as error:
            LOG.exception("%s %s failed", action.ref, document["id"])
            outcome = "failed", {"error": str(error), "traceback": repr(error)}
        if outcome is not None:
            self.finish(document["id"], *outcome)

    def _mark(
        self,
        document: dict[str, Any],
        status: str,
        result: Any = None,
        *,
        before: Sequence[str] = ACTIVE,
    ) -> bool:
        """Gives it a status and does what follows; False unless it had one of those `before`."""
        with self._changed:
            if document["status"] not in before:
                return False
            change(document, status, result)
            self._table.update(document)
        self._tell(document)
        if status in COMPLETED:
            self._ended(document)
        return True

    def _ended(self, document: dict[str, Any]) -> None:
        policy = policies.retries(self._policies_of(document), document)
        if policy and not self._stopping:
            self._retry(policy, document)
        with self._changed:
            del self._active[document["id"]]
            self._changed.notify_all()
        self._scheduler.release(document)
        self._workflows.ended(document)

    def _retry(self, policy: Any, document: dict[str, Any]) -> None:
        delay = float(policy.parameters.get("delay", 0))
        context = policies.retry_context(policy, document)
        given = document["parameters"]
        ref = document["action"]["ref"]
        self.request(ref, given, context=context, delay=delay, rendered=True)

    def _policies_of(self, document: dict[str, Any]) -> Sequence[Any]:
        ref = document["action"]["ref"]
        return [one for one in self._policies if one.enabled and one.resource_ref == ref]

    def _tell(self, document: dict[str, Any]) -> None:
        for observer in self.observers:
            try:
                observer(document)
            except Exception:
                LOG.exception("an observer of executions failed")
