"""Runs one Python action: reads from stdin what to run, writes its result to the given file.

Input and output are JSON: {pack, file, config, parameters, result_fd} and {result, status}.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

INVALID_STATUS = 220
_INVALID_STATUS = """Status returned from the action run() method must either be True or False, \
got: {status}

If this is an existing action which returns a tuple with two items, it needs to return a list, or a
tuple whose first item is a status flag: (True, ('item1', 'item2'))
"""
_NUMBERS = (int, float)


class PackConfig(dict):  # type: ignore[type-arg]
    """A pack's configuration: a missing value is named when it is asked for with []."""

    def __missing__(self, key: str) -> Any:
        raise ValueError(f'Config for pack is missing the value "{key}".')


class ActionService:
    """What an action calls: the datastore's methods, and the service itself."""

    def __init__(self, pack: str, action: Any) -> None:
        self._pack = pack
        self._class_name = action.__name__
        self._service: Any = None
        self._action_class = action

    @property
    def datastore_service(self) -> Any:
        """Made when it is first used: it is slow to import."""
        if self._service is None:
            from st2common.services.datastore import DatastoreService

            self._service = DatastoreService(self._logger, self._pack, self._class_name)
        return self._service

    def _logger(self) -> Any:
        from st2common.services.loggers import stderr_logger

        return stderr_logger("st2.actions.python." + self._class_name)

    def get_user_info(self) -> Any:
        return self.datastore_service.get_user_info()

    def list_values(
        self, local: bool = True, prefix: Any = None, limit: Any = None, offset: Any = None
    ) -> Any:
        return self.datastore_service.list_values(local, prefix, limit, offset)

    def get_value(
        self, name: str, local: bool = True, scope: str = "system", decrypt: bool = False
    ) -> Any:
        return self.datastore_service.get_value(name, local, scope, decrypt)

    def set_value(
        self,
        name: str,
        value: Any,
        ttl: Any = None,
        local: bool = True,
        scope: str = "system",
        encrypt: bool = False,
    ) -> Any:
        return self.datastore_service.set_value(name, value, ttl, local, scope, encrypt)

    def delete_value(self, name: str, local: bool = True, scope: str = "system") -> Any:
        return self.datastore_service.delete_value(name, local, scope)


def encodable(value: Any) -> Any:
    """The value as JSON has it. Raises TypeError for what StackStorm's encoder refuses."""
    if value is None or isinstance(value, (str, bool, *_NUMBERS)):
        return None if value != value else value
    if isinstance(value, (list, tuple)):
        return [encodable(one) for one in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            raise TypeError("Dict key must be str")
        return {key: encodable(one) for key, one in value.items()}
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"Type is not JSON serializable: {type(value).__name__}")


def answer(output: Any) -> dict[str, Any]:
    """What the action returned, as result and status; `(bool, result)` sets the status."""
    status, result = None, output
    if isinstance(output, tuple) and len(output) == 2:
        status, result = output
    if status is not None and not isinstance(status, bool):
        sys.stderr.write(_INVALID_STATUS.format(status=status))
        sys.exit(INVALID_STATUS)
    try:
        result = encodable(result)
    except TypeError:
        # without a status StackStorm prints the whole answer as text, and cuts it like this
        result = str(result) if status is not None else f"{result!r}, 'status': None}}"
    return {"result": result, "status": status}


def load(given: dict[str, Any]) -> Any:
    """An instance of the first class in the file that has a `run`."""
    from st2common.services.entry_file import classes_in

    found = [one for one in classes_in(given["file"]) if callable(getattr(one, "run", None))]
    if not found:
        raise Exception(f'File "{given["file"]}" has no action class or the file doesn\'t exist.')
    action: Any = found[0]
    service = ActionService(given["pack"], action)
    config = PackConfig(given["config"])
    try:
        return action(config=config, action_service=service)
    except TypeError as error:
        if "unexpected keyword argument 'action_service'" not in str(error):
            raise
    instance = action(config=config)
    instance.action_service = service
    return instance


def main() -> None:
    """Runs the action and writes its answer."""
    given = json.loads(sys.stdin.read())
    action = load(given)
    result = answer(action.run(**given["parameters"]))
    with os.fdopen(given["result_fd"], "w") as file:
        json.dump(result, file)


if __name__ == "__main__":
    here = sys.path.pop(0)
    sys.path.append(here)
    main()
