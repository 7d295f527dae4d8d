"""The base classes of sensors."""

from __future__ import annotations

import abc
import time
from typing import Any

__all__ = ["PollingSensor", "Sensor"]


class BaseSensor(metaclass=abc.ABCMeta):
    """What every sensor has to implement."""

    def __init__(self, sensor_service: Any, config: Any = None) -> None:
        self._sensor_service = sensor_service
        self._config = config or {}
        self.sensor_service = sensor_service
        self.config = self._config

    @abc.abstractmethod
    def setup(self) -> Any:
        """Prepares, once, before run."""

    @abc.abstractmethod
    def run(self) -> Any:
        """Runs for as long as the sensor does."""

    @abc.abstractmethod
    def cleanup(self) -> Any:
        """Ends what setup began."""

    @abc.abstractmethod
    def add_trigger(self, trigger: Any) -> Any:
        """A rule began to use a trigger of this sensor."""

    @abc.abstractmethod
    def update_trigger(self, trigger: Any) -> Any:
        """A trigger changed."""

    @abc.abstractmethod
    def remove_trigger(self, trigger: Any) -> Any:
        """No rule uses the trigger any more."""


class Sensor(BaseSensor):
    """A sensor that runs by itself."""


class PollingSensor(BaseSensor):
    """A sensor that looks every so many seconds. What leaves `poll` ends it."""

    def __init__(self, sensor_service: Any, config: Any = None, poll_interval: int = 5) -> None:
        super().__init__(sensor_service=sensor_service, config=config)
        self._poll_interval = poll_interval

    @abc.abstractmethod
    def poll(self) -> Any:
        """Looks once."""

    def run(self) -> None:
        while True:
            self.poll()
            time.sleep(self._poll_interval)

    def get_poll_interval(self) -> int:
        return self._poll_interval

    def set_poll_interval(self, poll_interval: int) -> None:
        self._poll_interval = poll_interval
