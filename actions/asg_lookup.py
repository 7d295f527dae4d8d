from st2common.runners.base_action import Action

from autoscale import views
from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer


class Lookup(Action):
    def run(self, application_name):
        return answer(lambda: views.lookup(
            StackStormDatastore(self.action_service), application_name))
