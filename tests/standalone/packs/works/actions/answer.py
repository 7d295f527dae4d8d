import time

from st2common.runners.base_action import Action


class Answer(Action):
    """Ends in the way that `how` names."""

    def run(self, how):
        return getattr(self, how)()

    def plain(self):
        self.logger.info("logged")
        print("printed")
        return {"list": [1, 2]}

    def succeeded(self):
        return True, {"kept": 1}

    def failed(self):
        return False, {"kept": 1}

    def bad_status(self):
        return "no", 1

    def int_keys(self):
        return True, {1: 2}

    def raised(self):
        raise RuntimeError("boom")

    def forever(self):
        print("begun", flush=True)
        time.sleep(60)

    def config_value(self):
        return [self.config["greeting"], self.config["nested"]["depth"], self.config.get("x")]

    def config_missing(self):
        return self.config["x"]
