from st2common.runners.base_action import Action

from autoscale.edge import answer
from autoscale.hooks import begin
from autoscale.parts import assemble


class Begin(Action):
    def run(self, asg, run, since):
        return answer(lambda: begin(
            assemble(self.config, self.action_service, self.logger), asg, run, since))
