"""A pack is registered as strictly as StackStorm would."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from standalone.registry import check_references, load_pack
from standalone.yaml_files import RegistrationError
from tests.standalone.engine.conftest import WORKS

POLICY = "name: p\nresource_ref: works.answer\npolicy_type: "


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    return Path(shutil.copytree(WORKS, tmp_path / "works"))


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("pack.yaml", "name: works\ndescription: d\nversion: 1.0.0\nauthor: a\n", "lacks email"),
        (
            "pack.yaml",
            "name: works\ndescription: d\nversion: '1.0'\nauthor: a\nemail: a@b.cd\n",
            "x.y.z",
        ),
        ("sensors/ticker.yaml", "class_name: T\nentry_point: ticker.py\nx: 1\n", "unknown keys: x"),
        (
            "sensors/ticker.yaml",
            "class_name: T\nentry_point: ticker.py\npoll_interval: 3\n",
            "at least 4",
        ),
        ("actions/answer.yaml", "name: step\nrunner_type: noop\n", "the name step is taken"),
        ("actions/answer.yaml", "name: a\nname: b\nrunner_type: noop\n", "duplicate key 'name'"),
        ("actions/answer.yaml", "name: a\nrunner_type: nothing\n", "runner_type nothing"),
        ("actions/answer.yaml", "name: a\nrunner_type: orquesta\nentry_point: x\n", "not a file"),
        (
            "actions/echo.yaml",
            "name: a\nrunner_type: python-script\nentry_point: keys.py\n"
            "parameters: {timeout: {type: string}}\n",
            "type can't be changed",
        ),
        ("policies/retried.yaml", POLICY + "action.limit\n", "action.limit is unknown"),
        ("policies/retried.yaml", POLICY + "action.retry\nparameters: {x: 1}\n", "no parameters x"),
        ("policies/retried.yaml", POLICY + "action.concurrency\n", "threshold"),
        ("rules/tick.yaml", "name: r\ntrigger: {type: a.b}\naction: {}\n", "lacks|needs"),
        ("config.schema.yaml", "a-b: {type: string}\n", "a-b"),
    ],
)
def test_a_file_that_stackstorm_would_refuse_is_refused_by_name(
    pack: Path, file: str, content: str, why: str
) -> None:
    (pack / file).write_text(content)
    with pytest.raises(RegistrationError, match=why) as error:
        load_pack(pack, {})
    assert str(pack) in str(error.value)


def test_a_policy_on_an_action_that_does_not_exist_is_refused(pack: Path) -> None:
    (pack / "policies/retried.yaml").write_text(
        "name: p\nresource_ref: works.nowhere\npolicy_type: action.retry\n"
    )
    with pytest.raises(RegistrationError, match="works.nowhere"):
        check_references({"works": load_pack(pack, {})})


def test_config_has_nested_defaults_under_what_was_given() -> None:
    assert load_pack(WORKS, {"works": {"greeting": "hi"}}).config == {
        "greeting": "hi",
        "nested": {"depth": 3},
    }
    assert load_pack(WORKS, {"nested": {"depth": 4}}).config["nested"] == {"depth": 4}


def test_a_config_value_of_the_wrong_type_is_named_but_not_shown() -> None:
    with pytest.raises(RegistrationError, match="token") as error:
        load_pack(WORKS, {"token": 4711})
    assert "4711" not in str(error.value)


def test_a_required_value_is_asked_for_only_where_there_is_a_config(pack: Path) -> None:
    (pack / "config.schema.yaml").write_text(
        "user: {type: string, required: true}\nb: {type: string}"
    )
    assert load_pack(pack, {}).config == {}
    with pytest.raises(RegistrationError, match="user is required"):
        load_pack(pack, {"b": "given"})
