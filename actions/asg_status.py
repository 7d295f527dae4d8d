from st2common.runners.base_action import Action

from autoscale import views
from autoscale.edge import answer
from autoscale.parts import assemble


class Status(Action):
    def run(self, asg):
        return answer(lambda: views.status(
            assemble(self.config, self.action_service, self.logger), asg))
