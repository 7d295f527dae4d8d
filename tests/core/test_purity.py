from __future__ import annotations

import ast
from pathlib import Path

import pytest

CORE = Path(__file__).parents[2] / "actions" / "lib" / "autoscale" / "core"
ALLOWED = {
    "__future__", "base64", "binascii", "contextlib", "cronsim", "dataclasses", "datetime",
    "dateutil", "enum", "functools", "hashlib", "itertools", "json", "math", "re", "typing",
    "urllib.parse",
}
OUTSIDE = {"open", "print", "input", "exec", "eval", "__import__", "hash", "now", "today", "utcnow"}
MODULES = sorted(CORE.rglob("*.py"))


def imports(source: str) -> set[str]:
    """The modules that this source imports, at whatever depth."""
    found = set()
    for branch in ast.walk(ast.parse(source)):
        if isinstance(branch, ast.Import):
            found.update(alias.name for alias in branch.names)
        elif isinstance(branch, ast.ImportFrom):
            found.add("." * branch.level + (branch.module or ""))
            if branch.module == "autoscale":
                found.update(f"autoscale.{alias.name}" for alias in branch.names)
    return found - {"autoscale"}


def impure(source: str) -> set[str]:
    return {name for name in imports(source)
            if name not in ALLOWED and name != "autoscale.core"
            and not name.startswith("autoscale.core.")}


def called(source: str) -> set[str]:
    """The names of the functions and methods that this source calls."""
    calls = [branch.func for branch in ast.walk(ast.parse(source)) if isinstance(branch, ast.Call)]
    return {func.id if isinstance(func, ast.Name) else func.attr
            for func in calls if isinstance(func, (ast.Name, ast.Attribute))}


def test_there_is_a_core():
    assert len(MODULES) > 15


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(CORE)))
def test_a_module_of_the_core_imports_only_what_is_pure(module):
    assert impure(module.read_text()) == set()


@pytest.mark.parametrize("module", MODULES, ids=lambda path: str(path.relative_to(CORE)))
def test_a_module_of_the_core_calls_nothing_that_reaches_outside(module):
    assert not called(module.read_text()) & OUTSIDE


@pytest.mark.parametrize("source", [
    "open('a')", "datetime.now()", "datetime.datetime.utcnow()", "date.today()", "print(1)"])
def test_a_call_that_reaches_outside_is_noticed(source):
    assert called(source) & OUTSIDE


@pytest.mark.parametrize("source", [
    "import time", "import random", "from os import path", "import requests",
    "import yaml", "from autoscale import seams", "from autoscale.apply import a",
    "from . import keys", "def f():\n    import time", "import os.path", "import autoscale.seams",
])
def test_what_is_impure_is_noticed(source):
    assert impure(source)
