import os
import sys

from st2reactor.sensor.base import PollingSensor

# StackStorm puts actions/lib on the path of actions only; the governor uses the same library.
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "actions", "lib"))

from autoscale.tick import tick  # noqa: E402


class AutoscaleGovernorSensor(PollingSensor):
    """Dispatches pulses and events. Remembers nothing between two polls: any number may run."""

    def setup(self):
        self._log = self.sensor_service.get_logger(__name__)

    def poll(self):
        # An exception that leaves poll kills the sensor for good.
        try:
            tick(self.sensor_service, self._log)
        except Exception:
            self._log.exception("this look at the groups failed; the next one follows")

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
