from st2common.runners.base_action import Action

from autoscale.apply import mark_configured
from autoscale.edge import answer
from autoscale.parts import assemble


class MarkConfigured(Action):
    def run(self, asg, node_id):
        return answer(lambda: mark_configured(
            assemble(self.config, self.action_service, self.logger), asg, node_id))
