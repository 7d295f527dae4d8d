from st2common.runners.base_action import Action

from autoscale import views
from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer


class Overview(Action):
    def run(self):
        return answer(lambda: views.overview(StackStormDatastore(self.action_service)))
