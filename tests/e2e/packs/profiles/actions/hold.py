import time

from st2common.runners.base_action import Action


class Hold(Action):
    def run(self, asg, node, node_id, address, point):
        def key(what):
            return self.action_service.get_value(f"profiles.{asg}.{what}", local=False)

        note = f"profiles.{asg}.{point}.{node}"
        before = self.action_service.get_value(note, local=False) or ""
        self.action_service.set_value(note, before + f"{address}\n", local=False)
        while not key(f"go.{point}"):
            time.sleep(0.2)
        if key(f"go.{point}") == "fail":
            return False, {"message": "token=t0psecret was not taken {{ config_context.api_key }}"}
        return True, {"node": node}
