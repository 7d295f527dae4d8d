from st2common.runners.base_action import Action

from autoscale.converge import cycle
from autoscale.edge import answer
from autoscale.parts import assemble


class Plan(Action):
    def run(self, asg, progress=None, applied=None, force=False):
        return answer(lambda: cycle(
            assemble(self.config, self.action_service, self.logger), asg, progress, applied or (),
            force))
