from st2common.runners.base_action import Action

from autoscale.edge import answer
from autoscale.heal import survey
from autoscale.parts import assemble


class Look(Action):
    def run(self):
        return answer(lambda: survey(
            assemble(self.config, self.action_service, self.logger)))
