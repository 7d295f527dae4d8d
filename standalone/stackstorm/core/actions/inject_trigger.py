"""core.inject_trigger: as if a sensor had dispatched the trigger."""

from typing import Any

from st2common.runners.base_action import Action
from st2common.services import api


class InjectTrigger(Action):
    def run(self, trigger: str, payload: Any = None, trace_tag: Any = None) -> Any:
        body = {"trigger": trigger, "payload": payload or {}, "trace": trace_tag}
        return api.call("POST", "/v1/webhooks/st2", body)
