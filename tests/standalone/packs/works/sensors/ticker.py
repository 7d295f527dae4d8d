import sys

from st2reactor.sensor.base import PollingSensor


class Ticker(PollingSensor):
    """Tells once what it is, then dies."""

    def setup(self):
        self.sensor_service.set_value("polls", self._poll_interval)

    def poll(self):
        self.sensor_service.dispatch("works.tick", {"unknown": 1})
        self.sensor_service.dispatch("works.tick", {"path": sys.path})
        raise RuntimeError("boom")

    def cleanup(self):
        pass

    def add_trigger(self, trigger):
        pass

    def update_trigger(self, trigger):
        pass

    def remove_trigger(self, trigger):
        pass
