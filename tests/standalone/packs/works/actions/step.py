import works_library
from st2common.runners.base_action import Action


class Step(Action):
    def run(self, count, limit):
        assert works_library.VALUE
        hooks = [{"action": "works.echo", "parameters": {"value": f"hook {count}"}}]
        return {
            "count": count + 1,
            "done": count + 1 >= limit,
            "batches": [{"n": n} for n in range(min(count, 3))],
            "hooks": hooks,
        }
