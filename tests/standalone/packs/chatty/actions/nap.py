import time

from st2common.runners.base_action import Action


class Nap(Action):
    def run(self, seconds):
        print("still awake", flush=True)
        time.sleep(seconds)
        print("awake again", flush=True)
