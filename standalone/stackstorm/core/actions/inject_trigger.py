"""core.inject_trigger: as if a sensor had dispatched the trigger."""

from typing import Any

from st2common.runners.base_action import Action
from st2common.services import api


class InjectTrigger(Action):
    def run(
        self,
        trigger: Any = None,
        trigger_name: Any = None,
        payload: Any = None,
        trace_tag: Any = None,
    ) -> Any:
        """``trigger`` is the older name of ``trigger_name``: one of them is needed."""
        if bool(trigger) == bool(trigger_name):
            raise ValueError("one of trigger_name and trigger is needed, and not both")
        body = {"trigger": trigger or trigger_name, "payload": payload or {}, "trace": trace_tag}
        return api.call("POST", "/v1/webhooks/st2", body)
