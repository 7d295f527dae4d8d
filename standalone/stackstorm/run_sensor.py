"""Runs one sensor, until it fails or whoever started it has gone.

The first line of stdin says what to run, as JSON: {pack, file, class_name, config,
poll_interval}. The end of stdin ends the process.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from typing import Any


class SensorService:
    """What a sensor calls: its logger, dispatching, and the datastore's methods."""

    def __init__(self, pack: str, class_name: str) -> None:
        from st2common.services.datastore import DatastoreService

        self._name = f"{pack}.{class_name}"
        self._logger = self.get_logger("SensorService")
        self.datastore_service = DatastoreService(self._logger, pack, class_name)
        for method in ("list_values", "get_value", "set_value", "delete_value", "get_user_info"):
            setattr(self, method, getattr(self.datastore_service, method))

    def get_logger(self, name: str) -> Any:
        from st2common.services.loggers import stderr_logger

        return stderr_logger(f"{self._name}.{name}")

    def dispatch(self, trigger: Any, payload: Any = None, trace_tag: Any = None) -> None:
        """Tells of an event. A payload that doesn't fit the trigger's schema is dropped."""
        context = {"trace_tag": trace_tag} if trace_tag else None
        self.dispatch_with_context(trigger, payload, context)

    def dispatch_with_context(
        self, trigger: Any, payload: Any = None, trace_context: Any = None
    ) -> None:
        from st2common.services.api import call

        if not isinstance(payload, (type(None), dict)):
            raise TypeError(f"The payload has a value that is not a dictionary (was {payload!r}).")
        body = {"trigger": trigger, "payload": payload or {}, "trace_context": trace_context}
        call("POST", "/v1/internal/dispatch", body)


def end_with_stdin() -> None:
    """Ends the process when whoever started it has gone."""
    sys.stdin.read()
    os._exit(0)


def main() -> None:
    """Loads the sensor, sets it up and runs it."""
    given = json.loads(sys.stdin.readline())
    threading.Thread(target=end_with_stdin, daemon=True).start()
    from st2common.services.entry_file import classes_in

    found = {one.__name__: one for one in classes_in(given["file"])}
    sensor_class: Any = found[given["class_name"]]
    arguments = {"config": given["config"]}
    if given["poll_interval"] is not None:
        arguments["poll_interval"] = given["poll_interval"]
    sensor = sensor_class(SensorService(given["pack"], given["class_name"]), **arguments)
    sensor.setup()
    try:
        sensor.run()
    finally:
        sensor.cleanup()


if __name__ == "__main__":
    here = sys.path.pop(0)
    sys.path.append(here)
    main()
