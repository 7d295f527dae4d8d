from st2common.runners.base_action import Action

from autoscale.apply import apply
from autoscale.edge import answer
from autoscale.parts import assemble


class Apply(Action):
    def run(self, asg, batch):
        return answer(lambda: apply(
            assemble(self.config, self.action_service, self.logger), asg, batch))
