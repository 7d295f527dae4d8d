"""Hands an execution to the runner of its action."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from standalone.alarms import Alarms
from standalone.rendering import Surroundings
from standalone.resources import Action
from standalone.runners import python_script, remote, shell
from standalone.runners.processes import Running

if TYPE_CHECKING:
    from standalone.app import App
    from standalone.workflows import Workflows


class Launcher:
    """Knows the runners and what each of them needs."""

    def __init__(self, app: App, running: Running, alarms: Alarms, workflows: Workflows) -> None:
        self._app, self._running, self._alarms = app, running, alarms
        self._workflows = workflows

    def launch(
        self,
        document: dict[str, Any],
        action: Action,
        parameters: dict[str, Any],
        around: Surroundings,
    ) -> tuple[str, Any] | None:
        """Status and result once it has ended; None for a workflow, which ends by itself."""
        if action.runner_type == "orquesta":
            self._workflows.begin(document, action, parameters)
            return None
        if action.runner_type == "noop":
            return "succeeded", {"failed": False, "succeeded": True, "return_code": 0}
        token = self._app.tokens.issue(around.user)
        try:
            return self._run(document["id"], action, parameters, around, token)
        finally:
            self._app.tokens.revoke(token)

    def _run(
        self,
        id: str,
        action: Action,
        parameters: dict[str, Any],
        around: Surroundings,
        token: str,
    ) -> tuple[str, Any]:
        env = {
            "ST2_ACTION_PACK_NAME": action.pack,
            "ST2_ACTION_EXECUTION_ID": id,
            "ST2_ACTION_API_URL": f"{self._app.api.url}/v1",
            "ST2_ACTION_AUTH_TOKEN": token,
        }
        if action.runner_type == "local-shell-cmd":
            return shell.run(id, parameters, env, self._running, self._alarms)
        if action.runner_type in remote.RUNNERS:
            return remote.run(id, action, parameters, self._running, self._alarms)
        env = {**env, **self._app.api_access(token)}
        return python_script.run(
            id, action, parameters, around.pack_config, env, self._running, self._alarms
        )
