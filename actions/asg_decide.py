from st2common.runners.base_action import Action

from autoscale.ask import ask, asked_for
from autoscale.edge import answer
from autoscale.parts import assemble


class Decide(Action):
    def run(self, asg, request, asked="", sealed=""):
        return answer(lambda: ask(
            assemble(self.config, self.action_service, self.logger), asg,
            {**asked_for(asked), "request": request, "sealed": sealed}))
