from st2common.runners.base_action import Action


class Keys(Action):
    """Writes and reads keys, and answers with what it saw."""

    def run(self):
        service = self.action_service
        service.set_value("dict", {"a": 1}, local=False)
        service.set_value("mine", False)
        return {
            "dict": service.get_value("dict", local=False),
            "mine": service.get_value("mine"),
            "mine_in_full": service.get_value("works.Keys:mine", local=False),
            "missing": service.get_value("missing", local=False),
            "page": len(service.list_values(local=False, prefix="many.")),
            "more": len(service.list_values(local=False, prefix="many.", limit=-1)),
            "next": len(service.list_values(local=False, prefix="many.", limit=100, offset=100)),
            "deleted": service.delete_value("missing", local=False),
        }
