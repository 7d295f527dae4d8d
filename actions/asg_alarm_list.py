from st2common.runners.base_action import Action

from autoscale import views
from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer


class AlarmList(Action):
    def run(self, asg):
        return answer(lambda: views.alarms(StackStormDatastore(self.action_service), asg))
