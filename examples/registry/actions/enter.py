from st2common.runners.base_action import Action


class Enter(Action):
    def run(self, asg, node, address, node_id=None):
        self.action_service.set_value(f"registry.{asg}.{node}", address, local=False)
        return True, {"message": f"{node} is registered at {address}"}
