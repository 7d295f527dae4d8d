from st2common.runners.base_action import Action


class Lightest(Action):
    def run(self, asg, candidates, count=None):
        def gigabytes(node):
            return float(self.action_service.get_value(f"gigabytes.{asg}.{node}", local=False) or 0)

        return True, {"names": sorted(candidates, key=gigabytes)}
