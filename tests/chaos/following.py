"""People who do what a group's messages ask of them."""
from __future__ import annotations

from autoscale.core.group import Group
from autoscale.core.renewal import STOPPED
from simcloud import Region
from tests.chaos.outcome import Outcome
from tests.chaos.pack import Pack
from tests.chaos.promises import Promises
from tests.chaos.settings import GIVEN
from tests.chaos.stage import Stage


class Follower:
    """Sees to groups that need a person."""

    def __init__(
        self, stage: Stage, region: Region, pack: Pack, promises: Promises, outcome: Outcome
    ) -> None:
        self.stage = stage
        self.region = region
        self.pack = pack
        self.promises = promises
        self.outcome = outcome

    def is_needed(self, group: Group) -> bool:
        return bool(is_refused(group) or is_full(group) or self.lost(group) or is_stuck(group))

    def lost(self, group: Group) -> list[str]:
        """The keys that name what is gone."""
        balancers = {str(each.id) for each in self.region.load_balancers.all()}
        zones = {str(each.id) for each in self.region.zones.all()}
        own = {one for name, one in group.balancers.items() if name in group.balancer_names}
        named = {
            "loadbalancer_id": {group.loadbalancer_id} if "main" in group.associations else set(),
            "balancers": own, "dns_zone_id": {group.dns_zone_id},
            "load_balancers": {one.id for one in group.load_balancers.values()}}
        return [field for field, ids in named.items()
                if ids - {""} - (zones if field == "dns_zone_id" else balancers)]

    def follow(self, group: Group) -> None:
        """Confirm a plan that was refused, make room, delete or correct the keys that messages
        name, have a rolling update go on, or no more."""
        if is_refused(group):
            self._do(lambda: self.pack.converge(group.name, force=True))
            return
        if is_full(group):
            self._do(lambda: self.pack.request(group.name, "update", changes={"max_nodes": 20}))
        for field in self.lost(group):
            self._correct(group, field)
        if is_stuck(group):
            self._do(lambda: self._go_on_or_cancel(group))

    def _go_on_or_cancel(self, group: Group) -> None:
        """Some mend the cause and have the update go on; who is told that it can't, cancels it."""
        if not is_too_narrow(group) and len(group.name) % 2:
            answer = self.pack.request(group.name, "rolling_update")
            if answer["accepted"]:
                return
        self.pack.request(group.name, "rolling_update_cancel")

    def _correct(self, group: Group, field: str) -> None:
        key = f"asg.{group.name}.{field}"
        if not any(key in problem.message for problem in group.errors):
            self.promises.violated(f"{group.name} does not say that {key} is to be corrected: "
                                   f"{group.errors}")
        self.outcome.check_count(group)
        if field == "balancers":
            self.outcome.forgotten |= {(group.name, name) for name in group.balancers}
        if field != "load_balancers":
            del self.pack.store.texts[key]
            return
        there = {each.name: str(each.id) for each in self.region.load_balancers.all()}
        left = {name: {"id": one.id, "port": one.port} if one.id in there.values() else
                {"id": next(there[given] for given in GIVEN if given in there), "port": one.port}
                for name, one in group.load_balancers.items() if one.id} \
            if set(GIVEN) & set(there) else {}
        self.pack.ask(group.name, "update", changes={"load_balancers": {"main": {}, **left}})
        self.stage.play()

    def _do(self, work: object) -> None:
        self.stage.start("operator", work)  # type: ignore[arg-type]
        self.stage.play()


def is_refused(group: Group) -> bool:
    """Whether a plan waits for somebody to confirm it."""
    return any(problem.message.startswith("refused: ") and "force=true" in problem.message
               for problem in group.errors)


def is_full(group: Group) -> bool:
    """Whether more units are protected than there may be, and one of them lacks a server."""
    return any("lacks its" in problem.message and "raise max_nodes" in problem.message
               for problem in group.errors)


def is_stuck(group: Group) -> bool:
    """Whether a rolling update waits for a person."""
    wish, progress = group.rolling_update, group.rolling_progress
    stopped = wish and progress and progress.of == wish.since and progress.state == STOPPED
    return bool(stopped) or is_too_narrow(group)


def is_too_narrow(group: Group) -> bool:
    return any(f"rolling update: no {group.noun} can be spared" in problem.message
               for problem in group.errors)
