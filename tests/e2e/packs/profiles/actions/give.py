from st2common.runners.base_action import Action


class Give(Action):
    def run(self, asg, node, node_id, address, role):
        key = f"profiles.{asg}.{node}"
        before = self.action_service.get_value(key, local=False) or ""
        self.action_service.set_value(
            key, f"{before}{node_id} {address} {role}\n", local=False)
        if role == "refused-once" and not before:
            return False, {"message": "this node does not take it"}
        return True, {"node": node}
