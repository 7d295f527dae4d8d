"""Drives workflows: asks orquesta what comes next and tells it what became of it.

All workflows share one thread, which takes up what happened in the order in which it happened:
orquesta's parser is not made for several threads, and nothing here waits.
"""

from __future__ import annotations

import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, Callable

from standalone.documents import COMPLETED
from standalone.inspection import Unsound, load_workflow
from standalone.resources import Action
from standalone.shim import expressions
from standalone.workflow_run import WorkflowRun

if TYPE_CHECKING:
    from standalone.executions import Executions

LOG = logging.getLogger(__name__)


class Workflows:
    """The workflows that run now."""

    def __init__(self, executions: Executions) -> None:
        self._executions = executions
        self._runs: dict[str, WorkflowRun] = {}
        self._thread = ThreadPoolExecutor(1, "workflows")

    def begin(self, document: dict[str, Any], action: Action, inputs: dict[str, Any]) -> None:
        """Starts the workflow; it ends by `Executions.finish`."""
        given = {name: inputs[name] for name in inputs if name not in action.runner}
        self._later(document["id"], lambda: self._begin(document, action, given))

    def ended(self, document: dict[str, Any]) -> None:
        """An execution has ended: if it is a workflow's child, the workflow goes on."""
        task = document["context"].get("orquesta")
        if task:
            id = task["workflow_execution_id"]
            self._later(id, lambda: self._with(id, lambda run: run.child_ended(document)))

    def cancel(self, id: str) -> None:
        """The workflow starts nothing more and ends when its running children have."""
        self._later(id, lambda: self._with(id, lambda run: run.cancel()))

    def stop(self) -> None:
        """Takes up nothing more."""
        self._thread.shutdown()
        for id in self._runs:
            expressions.SCOPES.pop(id, None)

    def _later(self, id: str, function: Callable[[], None]) -> None:
        def call() -> None:
            try:
                function()
            except Exception as error:
                LOG.exception("workflow %s failed", id)
                self._fail(id, [{"message": f"{type(error).__name__}: {error}"}])

        with contextlib.suppress(RuntimeError):  # stopped
            self._thread.submit(call)

    def _fail(self, id: str, errors: list[dict[str, Any]]) -> None:
        self._executions.finish(id, "failed", {"output": None, "errors": errors})

    def _begin(self, document: dict[str, Any], action: Action, inputs: dict[str, Any]) -> None:
        app, id = self._executions.app, document["id"]
        if document["status"] != "running":
            self._executions.finish(id, "canceled", {"output": None})
            return
        context = _context(document, app.api.url)
        try:
            spec = load_workflow(action.entry_path, app.action, context)
        except Unsound as error:
            self._fail(id, error.errors)
            return
        run = WorkflowRun(spec, document, inputs, context, app.keys, self._executions)
        self._runs[id] = expressions.SCOPES[id] = run
        run.begin()
        self._forget(run)

    def _with(self, id: str, function: Callable[[WorkflowRun], None]) -> None:
        run = self._runs.get(id)
        if run is not None:
            function(run)
            self._forget(run)

    def _forget(self, run: WorkflowRun) -> None:
        if run.over and run.document["status"] in COMPLETED:
            self._runs.pop(run.id, None)
            expressions.SCOPES.pop(run.id, None)


def _context(document: dict[str, Any], api_url: str) -> dict[str, Any]:
    """What a workflow sees as `ctx().st2` and `ctx().parent`."""
    given = document["context"]
    own = {
        "action_execution_id": document["id"],
        "workflow_execution_id": document["id"],
        "api_url": f"{api_url}/v1",
        "user": given.get("user"),
        "pack": given.get("pack"),
        "action": document["action"]["ref"],
        "runner": document["action"]["runner_type"],
    }
    for name in ("api_user", "source_channel"):
        if given.get(name):
            own[name] = given[name]
    return {"st2": own, **({"parent": given["parent"]} if given.get("parent") else {})}
