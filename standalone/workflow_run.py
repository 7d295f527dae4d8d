"""One run of a workflow."""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING, Any

from standalone.documents import COMPLETED, new_id, now
from standalone.lean import Conductor
from standalone.templates import Keys

from orquesta import events, exceptions, statuses  # isort: skip

if TYPE_CHECKING:
    from standalone.executions import Executions

LOG = logging.getLogger(__name__)


class WorkflowRun:
    """A conductor and the executions that it has asked for. Not safe for several threads."""

    def __init__(
        self,
        spec: Any,
        document: dict[str, Any],
        inputs: dict[str, Any],
        context: dict[str, Any],
        keys: Keys,
        executions: Executions,
    ) -> None:
        self.id: str = document["id"]
        self.document, self.keys = document, keys
        self.user: str = context["st2"]["user"]
        self._executions = executions
        self._conductor = Conductor(spec, context, inputs)
        self._context = context["st2"]
        self._tasks: dict[tuple[str, int], dict[str, Any]] = {}
        self._open: set[str] = set()

    @property
    def over(self) -> bool:
        """Whether it has ended and so have all its children."""
        return self._status in statuses.COMPLETED_STATUSES and not self._open

    def begin(self) -> None:
        """Requests the first tasks."""
        if self._status not in statuses.COMPLETED_STATUSES:  # its input may have failed it
            self._conductor.request_workflow_status(statuses.RUNNING)
            self._go_on()
        self._settle()

    def child_ended(self, child: dict[str, Any]) -> None:
        """Tells the conductor, and requests what follows."""
        self._open.discard(child["id"])
        place = child["context"]["orquesta"]
        item = place.get("item_id")
        key = (place["task_id"], place["task_route"])
        status, result = child["status"], child.get("result")
        if item is None:
            event = events.ActionExecutionEvent(status, result=result)
            self._tasks[key]["result"] = result
        else:
            results = self._tasks[key]["result"]
            results[item] = result
            event = events.TaskItemActionExecutionEvent(
                item, status, result=result, accumulated_result=list(results)
            )
        self._update(key, event)
        self._settle()
        self._go_on()
        self._settle()

    def cancel(self) -> None:
        """Requests nothing more; child workflows and what still waits are canceled too."""
        with contextlib.suppress(exceptions.InvalidWorkflowStatusTransition):
            self._conductor.request_workflow_status(statuses.CANCELED)
        for id in sorted(self._open):
            self._cancel_child(id)
        self._settle()

    def task(self, name: str, route: int | None) -> dict[str, Any]:
        """What is known of a task, for the expression `task(name)`. Raises LookupError."""
        found = [one for one in self._tasks.values() if one["task_id"] == name]
        for one in reversed(found):
            if route in (None, one["task_route"]):
                return dict(one)
        raise LookupError(f'Unable to find task execution for "{name}".')

    @property
    def _status(self) -> str:
        return str(self._conductor.get_workflow_status())

    def _cancel_child(self, id: str) -> None:
        child = self._executions.get(id)
        workflow = child["action"]["runner_type"] == "orquesta"
        if child["status"] == "delayed" or workflow and child["status"] not in COMPLETED:
            with contextlib.suppress(ValueError, LookupError, Exception):
                self._executions.cancel(id)

    def _go_on(self) -> None:
        """Requests all tasks that can start, until there are none or one can't be requested."""
        while True:
            tasks = self._conductor.get_next_tasks()
            if not tasks:
                return
            for task in tasks:
                self._mark_running(task)
            for task in tasks:
                try:
                    self._request(task)
                except Exception as error:
                    LOG.info("%s: task %s can't be requested: %s", self.id, task["id"], error)
                    self._conductor.request_workflow_status(statuses.FAILED)
                    self._conductor.log_error(error, task_id=task["id"], route=task["route"])
                    return

    def _mark_running(self, task: dict[str, Any]) -> None:
        key = (task["id"], task["route"])
        self._remember(task)
        if task.get("items_count") == 0:
            self._update(key, events.ActionExecutionEvent(statuses.RUNNING))
        for action in task["actions"]:
            item = action.get("item_id")
            if item is None:
                event = events.ActionExecutionEvent(statuses.RUNNING)
            else:
                event = events.TaskItemActionExecutionEvent(item, statuses.RUNNING)
            self._update(key, event)

    def _remember(self, task: dict[str, Any]) -> None:
        """A task that starts anew, which one that gets its next items does not."""
        key = (task["id"], task["route"])
        known = self._tasks.get(key)
        if known and known["status"] == statuses.RUNNING and "items_count" in task:
            return
        self._tasks.pop(key, None)  # so that the latest comes last
        self._tasks[key] = {
            "task_id": task["id"],
            "task_name": task["id"],
            "task_route": task["route"],
            "workflow_execution_id": self.id,
            "task_execution_id": new_id(),
            "status": statuses.RUNNING,
            "start_timestamp": now(),
            "result": [None] * task["items_count"] if "items_count" in task else None,
        }

    def _update(self, key: tuple[str, int], event: Any) -> None:
        entry = self._conductor.update_task_state(*key, event)
        record = self._tasks[key]
        record["status"] = entry.get("status")
        if record["status"] in statuses.COMPLETED_STATUSES:
            record["end_timestamp"] = now()

    def _request(self, task: dict[str, Any]) -> None:
        key = (task["id"], task["route"])
        actions = task["actions"]
        if task.get("items_count") == 0 or actions and actions[0]["action"] is None:
            self._update(key, events.ActionExecutionEvent(statuses.SUCCEEDED, result=[]))
            return
        for action in actions:
            self._request_action(task, action)

    def _request_action(self, task: dict[str, Any], action: dict[str, Any]) -> None:
        record = self._tasks[(task["id"], task["route"])]
        names = ("workflow_execution_id", "task_execution_id", "task_name", "task_id")
        place = {name: record[name] for name in (*names, "task_route")}
        item = action.get("item_id")
        if item is not None:
            place["item_id"] = item
        child = self._executions.request(
            action["action"],
            action["input"] or {},
            context=self._child_context(action["action"]),
            parent=self.id,
            task=place,
            delay=_delay(task, item),
        )
        self._open.add(child["id"])

    def _child_context(self, ref: str) -> dict[str, Any]:
        shared = {name: self._context.get(name) for name in ("user", "api_user", "source_channel")}
        shared = {name: value for name, value in shared.items() if value is not None}
        parent = {"execution_id": self.id, "pack": self._context["pack"], **shared}
        return {"pack": ref.split(".")[0], "parent": parent, **shared}

    def _settle(self) -> None:
        """If the workflow has ended, renders its output and ends its execution."""
        if self._status not in statuses.COMPLETED_STATUSES:
            return
        self._conductor.render_workflow_output()
        result = {"output": self._conductor.get_workflow_output()}
        if self._status in statuses.ABENDED_STATUSES:
            result["errors"] = list(self._conductor.errors)
        self._executions.finish(self.id, self._status, result)


def _delay(task: dict[str, Any], item: int | None) -> float:
    """Seconds; with items and concurrency only those that start first are delayed."""
    concurrency = task.get("concurrency")
    late = item is not None and concurrency and item >= concurrency
    return 0 if late else float(task.get("delay") or 0)
