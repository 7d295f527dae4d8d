from st2common.runners.base_action import Action


class ThirdTime(Action):
    def run(self):
        attempts = int(self.action_service.get_value("attempts", local=False) or 0) + 1
        self.action_service.set_value("attempts", attempts, local=False)
        return attempts == 3, attempts
