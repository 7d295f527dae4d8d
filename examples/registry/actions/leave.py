from st2common.runners.base_action import Action


class Leave(Action):
    def run(self, asg, node, node_id=None, address=None):
        for kind in ("registry", "gigabytes"):
            self.action_service.delete_value(f"{kind}.{asg}.{node}", local=False)
        return True, {"message": f"{node} is forgotten"}
