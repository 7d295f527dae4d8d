from st2common.runners.base_action import Action

from autoscale.edge import answer
from autoscale.hooks import end
from autoscale.parts import assemble


class End(Action):
    def run(self, asg, run, since, ok, output=""):
        return answer(lambda: end(
            assemble(self.config, self.action_service, self.logger), asg, run, since, ok, output))
