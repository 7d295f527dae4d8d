"""The base class of Python actions."""

from __future__ import annotations

import abc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import logging

__all__ = ["Action"]


class Action(metaclass=abc.ABCMeta):
    """Base class which all the Python actions inherit from."""

    description: Any = None

    def __init__(self, config: Any = None, action_service: Any = None) -> None:
        self.config = config or {}
        self.action_service = action_service
        self._logger: Any = None

    @property
    def logger(self) -> logging.Logger:
        """Writes to stderr. Made when it is first used, as `logging` is slow to import."""
        logger: Any = getattr(self, "_logger", None)
        if logger is None:
            from st2common.services.loggers import stderr_logger

            logger = self._logger = stderr_logger("st2.actions.python." + type(self).__name__)
        return logger  # type: ignore[no-any-return]

    @logger.setter
    def logger(self, logger: logging.Logger) -> None:
        self._logger = logger

    @abc.abstractmethod
    def run(self, **kwargs: Any) -> Any:
        """Does the work: returns a result, or `(succeeded, result)`."""
