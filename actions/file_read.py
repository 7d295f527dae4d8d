from st2common.runners.base_action import Action

from autoscale.edge import answer
from autoscale.files import read


class Read(Action):
    def run(self, text, asked="", dry_run=False):
        return answer(lambda: read(text, asked, dry_run))
