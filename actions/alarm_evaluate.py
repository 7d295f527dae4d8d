from st2common.runners.base_action import Action

from autoscale.alarm_pass import evaluate
from autoscale.edge import answer
from autoscale.parts import assemble


class Evaluate(Action):
    def run(self):
        return answer(lambda: evaluate(
            assemble(self.config, self.action_service, self.logger)))
