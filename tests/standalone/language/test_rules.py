from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from standalone.resources import Pack, Rule
from standalone.rules import Rules
from standalone.store import Store
from standalone.triggers import BUILT_IN
from standalone.yaml_files import RegistrationError

MINUTE = {"unit": "minutes", "delta": 1}
ONCE = {"type": "eq", "pattern": 1}


@pytest.mark.parametrize(
    ("trigger", "parameters", "criteria", "message"),
    [
        ("p.unknown", {}, {}, "trigger type p.unknown is not known"),
        ("core.st2.webhook", {}, {}, "'url' is a required property"),
        ("core.st2.webhook", {"url": "a", "method": "GET"}, {}, "'method' was unexpected"),
        ("core.st2.IntervalTimer", {"unit": "moons", "delta": 1}, {}, "is not one of"),
        ("core.st2.IntervalTimer", MINUTE, {"trigger.x": {"type": "exists"}}, "pattern is requ"),
        ("core.st2.IntervalTimer", MINUTE, {"trigger.x": {**ONCE, "type": "is"}}, "unknown oper"),
    ],
)
def test_a_rule_that_stackstorm_would_not_register_is_refused(
    tmp_path: Path, trigger: str, parameters: Any, criteria: Any, message: str
) -> None:
    rule = Rule(
        "r",
        "p",
        {"type": trigger, "parameters": parameters},
        {"ref": "core.noop", "parameters": {}},
        criteria=criteria,
    )
    store = Store(tmp_path / "rules.db")
    app: Any = SimpleNamespace(
        packs={"p": Pack("p", tmp_path, {}, rules={"r": rule})},
        store=store,
        triggers=SimpleNamespace(types={one.ref: one for one in BUILT_IN}),
    )
    with pytest.raises(RegistrationError, match=message):
        Rules(app)
    store.close()
