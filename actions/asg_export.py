from st2common.runners.base_action import Action

from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer
from autoscale.files import export


class Export(Action):
    def run(self, asg):
        return answer(lambda: export(StackStormDatastore(self.action_service), asg))
