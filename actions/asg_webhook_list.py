from st2common.runners.base_action import Action

from autoscale import views
from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer
from autoscale.webhooks import url


class WebhookList(Action):
    def run(self, asg):
        return answer(lambda: views.webhooks(
            StackStormDatastore(self.action_service), asg, url(self.config)))
