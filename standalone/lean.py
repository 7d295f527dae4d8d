"""Keeps the price of a workflow's step from growing with all that the workflow has done.

orquesta 1.2.0 gives every expression a copy of the whole state of the workflow, and YAQL converts
all of it and all variables, for each item of a task and for each of its inputs. In a loop of 60
cycles that takes minutes. Here expressions see the same, but of the state only what they can ask
for (the statuses of tasks), and of the variables only those that they do ask for are converted.
"""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from yaql.language.utils import convert_input_data

from standalone import shim

from orquesta.expressions import yql  # isort: skip
from orquesta.utils import context as context_util  # isort: skip


class Variables(Mapping[str, Any]):
    """The variables that an expression sees, each converted for YAQL when it is asked for."""

    def __init__(self, raw: Mapping[str, Any], names: frozenset[str]) -> None:
        self._raw, self._names = raw, names
        self._converted: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._names:
            raise KeyError(name)
        if name not in self._converted:
            self._converted[name] = convert_input_data(self._raw[name])
        return self._converted[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __hash__(self) -> int:
        return hash(frozenset(self.items()))

    def public(self) -> Variables:
        """Without what orquesta keeps for itself."""
        return Variables(self._raw, frozenset(n for n in self._names if not n.startswith("__")))


def _contextualize(evaluator: Any, data: Any) -> Any:
    made = evaluator._root_ctx.create_child_context()
    raw = data or {}
    variables = Variables(raw, frozenset(raw) - {"__state"})
    made["__vars"] = variables
    made["__state"] = raw.get("__state")
    for name in ("__current_task", "__current_item"):
        made[name] = variables.get(name)
    return made


def _state(workflow: Any) -> dict[str, Any]:
    shown = ("id", "route", "status")
    return {
        "status": workflow.status,
        "tasks": workflow.tasks,
        "routes": workflow.routes,
        "sequence": [{name: one.get(name) for name in shown} for one in workflow.sequence],
    }


def _with_item(context: Any, item: Any) -> dict[str, Any]:
    return {**(context or {}), "__current_item": item}


class Conductor(shim.conducting.WorkflowConductor):  # type: ignore[misc]
    """orquesta's conductor, which renders the items of a task once and not for each that ends."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._rendered: dict[tuple[str, int], dict[str, Any]] = {}

    def get_task(self, task_id: str, route: int) -> dict[str, Any]:
        staged = self.workflow_state.get_staged_task(task_id, route)
        if staged and staged.get("items") and (task_id, route) in self._rendered:
            return dict(self._rendered[task_id, route])
        task: dict[str, Any] = super().get_task(task_id, route)
        if "items_count" in task:
            self._rendered[task_id, route] = dict(task)
        return task


shim.conducting.WorkflowState.serialize = _state
context_util.set_current_item = _with_item
yql.YAQLEvaluator.contextualize = classmethod(_contextualize)
