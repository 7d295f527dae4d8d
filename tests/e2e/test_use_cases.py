"""docs/use-cases.md: each section's commands are pasted into a shell, and print what it says."""
from __future__ import annotations

import json
import re
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Iterator

import pytest
import requests

from tests.e2e.conftest import staged
from tests.e2e.stage import ROOT, Stage

PAGE = (ROOT / "docs" / "use-cases.md").read_text()
INTRODUCTION, *SECTIONS = PAGE.split("\n## ")
PATIENCE = 300
REGISTRY = ROOT / "examples" / "registry"


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """A stage of its own, which nobody has used: as ``make serve`` gives it, but quicker."""
    with staged(tmp_path_factory.mktemp("use-cases"), packs=[REGISTRY]) as made:
        yield made


@pytest.fixture(scope="module")
def printed(serve: Stage) -> Iterator[dict[str, Future[str]]]:
    """What each section's commands print. st2 mostly sleeps: so four readers paste at once."""
    with ThreadPoolExecutor(4) as readers:
        yield {section: readers.submit(pasted, serve, section) for section in SECTIONS}


def blocks(text: str, language: str) -> list[str]:
    """What is in the text's blocks of this language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)
    return [inside for named, inside in found if named == language]


def pasted(stage: Stage, section: str) -> str:
    """What the section's commands print."""
    st2 = Path(sys.executable).with_name("st2")
    environment = {**stage.st2._environment(), "CONTROL": stage.server.control_url}
    script = "".join([f"st2() {{ {st2} --skip-config \"$@\"; }}\n",
                      *blocks(INTRODUCTION, "sh"), *blocks(section, "sh")])
    done = subprocess.run(
        ["bash", "-uc", script], env=environment, cwd=ROOT, text=True,
        capture_output=True, timeout=PATIENCE, check=False)
    assert done.stderr == ""
    return done.stdout


def masked(lines: list[str]) -> list[str]:
    """The lines without what chance decides: names become numbers, in the order of appearance.

    A line of dots is st2's patience.
    """
    names: dict[str, int] = {}

    def numbered(found: re.Match[str]) -> str:
        return f"node {names.setdefault(found[0], len(names) + 1)}"

    for pattern, mask in ((r"^\.+$", ""), (r"\b127(\.\d+){3}\b", "address"),
                          (r"\b[a-z]+(-[a-z]+)+\b", numbered),
                          (r"\bin \d+ (min|s)\b", "soon")):
        lines = [re.sub(pattern, mask, line) for line in lines]
    return [line for line in lines if line.strip()]


def balancers(stage: Stage) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in stage.region.snapshot()["load_balancers"]}


def joined(stage: Stage, balancer: str) -> set[tuple[str, int]]:
    return {(node["address"], node["port"]) for node in balancers(stage)[balancer]["nodes"]}


def addresses(servers: list[dict[str, Any]]) -> set[str]:
    return {server["addresses"]["private"][0]["addr"] for server in servers}


def commands(stage: Stage) -> None:
    assert stage.serves("chat", 2)


def documents(stage: Stage) -> None:
    assert stage.serves("web", 2)
    assert stage.key("web", "max_nodes") == "12"


def units(stage: Stage) -> None:
    servers = stage.servers("pairs")
    units = {server["metadata"]["asg_unit"] for server in servers}
    assert {server["name"] for server in servers} == {
        f"{role}-{unit}" for role in ("web", "worker") for unit in units}
    web = addresses([server for server in servers if server["metadata"]["asg_role"] == "web"])
    assert len(web) == 3
    assert joined(stage, "asg_pairs_lb") == {(address, 8080) for address in web}
    assert joined(stage, "asg_pairs_tls_lb") == {(address, 8443) for address in web}


def shared(stage: Stage) -> None:
    assert stage.servers("shop") == []
    assert not {"asg_shop_lb", "asg_shop_tls_lb"} & set(balancers(stage))
    assert joined(stage, "everybodys") == set()


def named(stage: Stage) -> None:
    assert stage.serves("farm", 2)
    released, = [server for server in stage.region.snapshot()["servers"]
                 if not server["metadata"].get("asg")]
    assert released["status"] == "ACTIVE"


def order(stage: Stage) -> None:
    assert stage.serves("queue", 1)


def registered(stage: Stage) -> None:
    server, = stage.servers("fleet")
    address, = addresses([server])
    assert stage.keys("registry.fleet.") == {f"registry.fleet.{server['name']}": address}


def finished(stage: Stage) -> None:
    assert stage.serves("shard", 1)
    told = [event["what"] for event in json.loads(stage.key("shard", "events") or "[]")]
    assert sum(what.startswith(("hook_abandon", "hook_complete")) for what in told) == 2


def chosen(stage: Stage) -> None:
    left = {server["name"] for server in stage.servers("mongo")}
    sizes = {name.rpartition(".")[2]: size for name, size in stage.keys("gigabytes.mongo.").items()}
    assert left == {name for name, size in sizes.items() if size != "3"}


def renewed(stage: Stage) -> None:
    assert stage.serves("steady", 2)
    assert {server["flavor"]["id"] for server in stage.servers("steady")} == {"3"}


CHECKS = {
    "1. Without templates": commands,
    "2. With templates": documents,
    "3. Arbitrary resources, not just instances": units,
    "4. Shared resources: load balancers": shared,
    "4. Shared resources: registries, cluster managers, configuration servers": registered,
    "5. Specific instances": named,
    "6. Which go first": order,
    "7. Completing or cancelling a removal": finished,
    "8. Choosing the node that goes": chosen,
    "Updates": renewed,
}


def heading(section: str) -> str:
    return section.partition("\n")[0]


@pytest.mark.parametrize("section", SECTIONS, ids=heading)
def test_the_commands_do_what_the_page_says(
    serve: Stage, printed: dict[str, Future[str]], section: str
) -> None:
    lines = printed[section].result().splitlines()
    said = "".join(blocks(section, "")).splitlines()
    assert masked(lines) == masked(said), "\n".join(lines)
    CHECKS[heading(section)](serve)


def test_make_serve_has_what_the_page_relies_on() -> None:
    with subprocess.Popen([sys.executable, "-m", "demo.serve"], cwd=ROOT, text=True,
                          stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout
            said = "".join(iter(process.stdout.readline, "Ctrl-C ends both; nothing is kept.\n"))
            reached = dict(re.findall(r"export (\w+)=(\S+)", said))
            assert requests.get(f"{reached['CONTROL']}/state", timeout=10).json()["servers"] == []
            action = f"{reached['ST2_API_URL']}/actions/registry.lightest"
            key = {"St2-Api-Key": reached["ST2_API_KEY"]}
            assert requests.get(action, headers=key, timeout=10).status_code == 200
        finally:
            process.terminate()
