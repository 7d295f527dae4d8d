"""What the StackStorm Exchange checks of a pack before it takes it, and what this one adds.

``python -m tests.pack_checks`` says what is wrong and fails, or says nothing.
"""
from __future__ import annotations

import ast
import re
import sys
from pathlib import Path
from typing import Any, Iterator

import jsonschema
import yaml

from standalone import shim  # noqa: F401  makes orquesta importable

ROOT = Path(__file__).resolve().parent.parent
OLDEST_PYTHON = (3, 8)


def _load(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def pack() -> Iterator[str]:
    """pack.yaml is complete, its e-mail and version are ones, and CHANGES.md knows the version."""
    meta = _load(ROOT / "pack.yaml")
    for field in ("ref", "name", "description", "version", "author", "email", "keywords",
                  "stackstorm_version", "python_versions"):
        if not meta.get(field):
            yield f"pack.yaml has no {field}"
    if not re.fullmatch(r"\d+\.\d+\.\d+", meta["version"]):
        yield f"pack.yaml's version {meta['version']} is not x.y.z"
    if not re.fullmatch(r"[\w.-]+@[\w-]+(\.[\w-]+)+", meta["email"]):
        yield f"pack.yaml's email {meta['email']} is no address"
    if f"## {meta['version']}" not in (ROOT / "CHANGES.md").read_text():
        yield f"CHANGES.md says nothing of version {meta['version']}"
    if "Apache License" not in (ROOT / "LICENSE").read_text():
        yield "LICENSE is not Apache 2.0"


def config() -> Iterator[str]:
    """The example is valid against the schema."""
    schema = _load(ROOT / "config.schema.yaml")
    example = _load(ROOT / "autoscale.yaml.example")
    required = [name for name, field in schema.items() if field.pop("required", False)]
    whole = {"type": "object", "properties": schema, "required": required,
             "additionalProperties": False}
    for error in jsonschema.Draft4Validator(whole).iter_errors(example):
        yield f"autoscale.yaml.example: {error.message}"


def metadata() -> Iterator[str]:
    """Actions have their entry points, and what refers to an action refers to one that exists."""
    actions = {path: _load(path) for path in sorted((ROOT / "actions").glob("*.yaml"))}
    names = {meta["name"] for meta in actions.values()}
    for path, meta in actions.items():
        if not (ROOT / "actions" / meta["entry_point"]).is_file():
            yield f"{path.name}: there is no {meta['entry_point']}"
        if path.stem != meta["name"].replace(".", "_"):
            yield f"{path.name}: its name {meta['name']} does not fit"
    for folder, field in (("aliases", "action_ref"), ("policies", "resource_ref")):
        for path in sorted((ROOT / folder).glob("*.yaml")):
            if _load(path)[field] not in {f"autoscale.{name}" for name in names}:
                yield f"{folder}/{path.name}: there is no {_load(path)[field]}"


def workflows() -> Iterator[str]:
    """Orquesta finds nothing wrong, and no task calls an action that does not exist."""
    from orquesta.specs import native

    names = {f"autoscale.{_load(path)['name']}" for path in (ROOT / "actions").glob("*.yaml")}
    for path in sorted((ROOT / "actions" / "workflows").glob("*.yaml")):
        found = native.WorkflowSpec(path.read_text(), name=path.stem).inspect()
        if found:
            yield f"workflows/{path.name}: {found}"
        for name, task in _load(path)["tasks"].items():
            called = task.get("action", "core.noop")
            if not called.startswith(("core.", "<%")) and called not in names:
                yield f"workflows/{path.name}: {name} calls {called}, which there is not"


def syntax() -> Iterator[str]:
    """What StackStorm loads can be read by the oldest Python that it may run on."""
    for path in [*(ROOT / "actions").rglob("*.py"), *(ROOT / "sensors").rglob("*.py")]:
        try:
            ast.parse(path.read_text(), feature_version=OLDEST_PYTHON)
        except SyntaxError as error:
            yield f"{path.relative_to(ROOT)}:{error.lineno}: not Python 3.8: {error.msg}"


def arrows() -> Iterator[str]:
    """The pack knows nothing of standalone and simcloud, nor they of each other or of it."""
    forbidden = {"actions": ("standalone", "simcloud"), "sensors": ("standalone", "simcloud"),
                 "standalone": ("autoscale", "simcloud"), "simcloud": ("autoscale", "standalone")}
    for folder, names in forbidden.items():
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else [
                    name.name for name in node.names] if isinstance(node, ast.Import) else []
                if any(module.split(".")[0] in names for module in modules):
                    yield f"{path.relative_to(ROOT)} imports {modules[0]}"


CHECKS = (pack, config, metadata, workflows, syntax, arrows)


def main() -> int:
    complaints = [complaint for check in CHECKS for complaint in check()]
    print("\n".join(complaints), end="\n" if complaints else "", file=sys.stderr)
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
