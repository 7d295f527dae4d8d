from st2common.runners.base_action import Action

from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer
from autoscale.webhooks import addressed


class ReadWebhook(Action):
    def run(self, received):
        return answer(lambda: addressed(StackStormDatastore(self.action_service), received))
