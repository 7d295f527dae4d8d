"""Rules: which action a trigger calls for, and with which parameters."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Mapping

from standalone import criteria, rendering, schemas, shapes
from standalone.errors import NotFoundError, RequestError
from standalone.executions import USER
from standalone.journal import Journal
from standalone.resources import Rule
from standalone.templates import key_context, render
from standalone.yaml_files import RegistrationError

if TYPE_CHECKING:
    from standalone.app import App

LOG = logging.getLogger(__name__)

_TABLE = "CREATE TABLE IF NOT EXISTS rules (ref TEXT PRIMARY KEY, enabled INTEGER NOT NULL)"


class Rules:
    """The rules of all packs. Which of them are enabled survives a restart."""

    def __init__(self, app: App) -> None:
        """Raises RegistrationError for a rule that StackStorm would not register."""
        self.app = app
        app.store.create(_TABLE)
        self.enforcements = Journal(app.store, "rule_enforcements")
        """What matching rules led to."""
        self.all: tuple[Rule, ...] = tuple(
            rule for pack in app.packs.values() for rule in pack.rules.values()
        )
        for rule in self.all:
            self._check(rule)

    def get(self, ref_or_id: str) -> Rule:
        """Raises NotFoundError."""
        for rule in self.all:
            if ref_or_id in (rule.ref, shapes.rule(rule, enabled=True)["id"]):
                return rule
        raise NotFoundError(f"Resource with a reference or id {ref_or_id} not found")

    def enabled(self, rule: Rule) -> bool:
        """Whether the rule acts: as it was set last, else as its file says."""
        rows = self.app.store.query("SELECT enabled FROM rules WHERE ref = ?", (rule.ref,))
        return bool(rows[0]["enabled"]) if rows else rule.enabled

    def enable(self, rule: Rule, enabled: bool) -> None:
        """Sets whether it acts."""
        with self.app.store.transaction() as connection:
            connection.execute("REPLACE INTO rules VALUES (?, ?)", (rule.ref, enabled))

    def document(self, rule: Rule) -> dict[str, Any]:
        """The rule as the API shows it."""
        return shapes.rule(rule, enabled=self.enabled(rule))

    def handle(self, trigger: Mapping[str, Any], instance: Mapping[str, Any]) -> None:
        """Requests the action of every rule that matches; backstops when no other rule did."""
        asking = [rule for rule in self.all if _trigger_ref(rule) == trigger["ref"]]
        asking = [rule for rule in asking if self.enabled(rule)]
        backstops = [rule for rule in asking if rule.type["ref"] == "backstop"]
        matching = [rule for rule in asking if rule not in backstops]
        matching = [rule for rule in matching if self._matches(rule, instance["payload"])]
        if not matching:
            matching = [rule for rule in backstops if self._matches(rule, instance["payload"])]
        for rule in matching:
            self._enforce(rule, instance)

    def _check(self, rule: Rule) -> None:
        wrong = criteria.problems(rule.criteria)
        type_ = self.app.triggers.types.get(rule.trigger["type"])
        if type_ is None:
            wrong.append(f"trigger type {rule.trigger['type']} is not known here")
        elif type_.parameters_schema:
            parameters = rule.trigger["parameters"]
            wrong += filter(None, [schemas.problem(type_.parameters_schema, parameters)])
        if wrong:
            raise RegistrationError(rule.metadata_file, "; ".join(wrong))

    def _matches(self, rule: Rule, payload: Mapping[str, Any]) -> bool:
        context = key_context(self.app.keys, USER)
        return criteria.Criteria(
            rule.criteria,
            now=self.app.triggers.clock(),
            render=lambda pattern: str(render(pattern, context, self.app.keys)),
        ).match(payload)

    def _enforce(self, rule: Rule, instance: Mapping[str, Any]) -> None:
        document = {
            "rule": {key: self.document(rule)[key] for key in ("ref", "id", "uid")},
            "trigger_instance_id": instance["id"],
            "enforced_at": instance["occurrence_time"],
        }
        try:
            document["execution_id"] = self._request(rule, instance)["id"]
            document["status"] = "succeeded"
        except (RequestError, ValueError, LookupError) as error:
            LOG.error("the rule %s matched, but its action was refused: %s", rule.ref, error)
            document.update(status="failed", failure_reason=str(error))
        self.enforcements.add(document)

    def _request(self, rule: Rule, instance: Mapping[str, Any]) -> dict[str, Any]:
        action = self.app.action(rule.action["ref"])
        if action is None:
            raise NotFoundError(f'Action "{rule.action["ref"]}" doesn\'t exist')
        context = {
            "trigger_instance": {"id": instance["id"], "name": None},
            "rule": {"id": self.document(rule)["id"], "name": rule.name},
            "user": USER,
            "pack": action.pack,
        }
        around = rendering.Surroundings(
            self.app.keys,
            self.app.pack_config(action.pack, USER),
            context,
            USER,
            {"trigger": instance["payload"]},
        )
        given = rule.action["parameters"]
        parameters = rendering.live(action.schema, given, around)
        return self.app.executions.request(action.ref, parameters, context=context, rendered=True)


def _trigger_ref(rule: Rule) -> str:
    parameters = rule.trigger["parameters"]
    return str(shapes.trigger(rule.trigger["type"], parameters)["ref"])
