from st2common.runners.base_action import Action

from autoscale.datastore import StackStormDatastore
from autoscale.edge import answer
from autoscale.intake import requests_of


class ReadAlert(Action):
    def run(self, **given):
        return answer(lambda: requests_of(StackStormDatastore(self.action_service), given))
