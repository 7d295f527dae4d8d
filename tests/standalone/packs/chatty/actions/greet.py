import sys

from st2common.runners.base_action import Action


class Greet(Action):
    def run(self, name, greeting, **others):
        print("greeting", name, file=sys.stdout)
        if name == "nobody":
            return False, {"reason": "there is nobody"}
        return True, {"text": f"{greeting}, {name}!", "given": others}
