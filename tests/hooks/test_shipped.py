"""The hook actions that come with the pack, run by standalone over an `ssh` that is none."""
from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any, Iterator

import pytest

from standalone.app import App
from tests.e2e.stage import IMAGE, ROOT

NODE = {"asg": "web", "node": "web-1", "node_id": "17", "address": "10.0.0.7"}
NASTY = "a b'; touch /tmp/owned; echo \"$(id)\" {x"

SSH = """#!/bin/bash
printf '%s\\n' "$@" > {log}
exec bash -c "${{@: -1}}"
"""
SOLO = """#!/bin/bash
printf '%s\\n' "${0##*/}" "$@"
"""


def program(path: Path, text: str) -> None:
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which `ssh` runs here what it is to run there, and `sudo` does nothing."""
    (tmp_path / "bin").mkdir()
    program(tmp_path / "bin/ssh", SSH.format(log=tmp_path / "ssh.log"))
    program(tmp_path / "bin/sudo", "#!/bin/bash\nshift\nexec \"$@\"\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


@pytest.fixture
def run(home: Path) -> Iterator[Any]:
    config = {"cloud": "rackspace", "username": "joe", "api_key": "x", "region": "DFW",
              "defaults": {"vm_image_id": IMAGE}}
    with App([ROOT], home / "data", config={"autoscale": config}, timers=False,
             sensors=False) as app:
        yield lambda ref, **given: app.executions.wait(
            app.executions.request(f"autoscale.{ref}", {**NODE, **given})["id"], 60)


def said(execution: dict[str, Any]) -> str:
    return str(execution["result"]["10.0.0.7"]["stdout"])


def test_a_script_runs_on_the_node_and_knows_which_it_is(run: Any, home: Path) -> None:
    ended = run("run_script", script="echo $ASG $NODE $NODE_ID $ADDRESS; printf '<%s>' \"$@\"",
                arguments=f"one\n{NASTY}")
    assert ended["status"] == "succeeded", ended["result"]
    assert said(ended) == f"web web-1 17 10.0.0.7\n<one><{NASTY}>"
    told = (home / "ssh.log").read_text().splitlines()
    assert "BatchMode=yes" in told
    assert "10.0.0.7" in told


def test_a_script_may_name_its_interpreter(run: Any) -> None:
    ended = run("run_script", script="#!/usr/bin/env python3\nimport sys\nprint(sys.argv[1])",
                arguments="hello")
    assert said(ended) == "hello"


def test_what_a_script_fails_with_is_what_the_action_fails_with(run: Any) -> None:
    ended = run("run_script", script="echo no space left >&2; exit 3")
    assert ended["status"] == "failed"
    result = ended["result"]["10.0.0.7"]
    assert (result["return_code"], result["stderr"]) == (3, "no space left")


@pytest.mark.parametrize("given", [{}, {"url": "--output=/etc/passwd"}, {"url": "file:///etc/x"},
                                   {"url": "http://a/b", "script": "echo"}])
def test_what_is_no_script_is_refused(run: Any, given: dict[str, str]) -> None:
    assert run("run_script", **given)["status"] == "failed"


def test_a_script_that_is_not_the_one_that_was_meant_does_not_run(run: Any, home: Path) -> None:
    program(home / "bin/curl", "#!/bin/bash\nwhile [ $# -gt 1 ]; do [ $1 = --output ] && "
            "echo 'echo ran' > $2; shift; done\n")
    ended = run("run_script", url="https://example.com/a.sh", sha256="0" * 64)
    assert ended["status"] == "failed"
    assert "ran" not in said(ended)
    assert said(run("run_script", url="https://example.com/a.sh")) == "ran"


@pytest.mark.parametrize("client", ["cinc-solo", "chef-solo"])
def test_chef_gets_attributes_and_recipes_and_no_shell_sees_them(
        run: Any, home: Path, client: str) -> None:
    program(home / "bin" / client, SOLO)
    recipes = f"https://example.com/{NASTY}.tar.gz"
    ended = run("chef_solo", attributes="https://example.com/web.json", recipe_url=recipes,
                run_list="recipe[web]")
    assert ended["status"] == "succeeded", ended["result"]
    told = said(ended).splitlines()
    assert told[0] == client
    assert told[1:] == ["--no-color", "--node-name", "web-1", "--json-attributes",
                        "https://example.com/web.json", "--recipe-url", recipes,
                        "--override-runlist=recipe[web]"]
    assert not Path("/tmp/owned").exists()


def test_chef_is_not_installed_unless_that_is_asked_for(run: Any, home: Path) -> None:
    if any((Path(place) / client).exists() for place in os.environ["PATH"].split(os.pathsep)
           for client in ("cinc-solo", "chef-solo")):
        pytest.skip("it is installed here")
    ended = run("chef_solo", attributes="https://example.com/web.json")
    assert ended["status"] == "failed"
    assert "is installed" in ended["result"]["10.0.0.7"]["stderr"]
    program(home / "solo", SOLO)
    program(home / "bin/curl", "#!/bin/bash\nwhile [ $# -gt 1 ]; do [ $1 = --output ] && "
            f"echo 'mv {home}/solo {home}/bin/cinc-solo' > $2; shift; done\n")
    ended = run("chef_solo", attributes="https://example.com/web.json",
                install="https://example.com/install.sh")
    assert ended["status"] == "succeeded", ended["result"]


def test_nobody_is_asked_for_a_password(run: Any) -> None:
    ended = run("run_script", script="echo", password="hunter2")
    assert ended["status"] == "failed"
    assert "log in with a key" in ended["result"]["error"]
    assert "hunter2" not in str(ended["result"])
