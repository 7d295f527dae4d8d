from st2common.runners.base_action import Action


class Give(Action):
    def run(self, asg, node, node_id, address, role):
        given = self.action_service.get_value(f"profiles.{asg}", local=False) or ""
        first = not given
        self.action_service.set_value(
            f"profiles.{asg}", f"{given}{node} {node_id} {address} {role}\n", local=False)
        if role == "first-fails" and first:
            return False, {"message": "this node does not take it"}
        return True, {"node": node}
