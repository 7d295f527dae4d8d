from st2common.runners.base_action import Action

from autoscale import views
from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer


class History(Action):
    def run(self, asg, last=20):
        return answer(lambda: views.history(StackStormDatastore(self.action_service), asg, last))
