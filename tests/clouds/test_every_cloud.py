from __future__ import annotations

import ast
from pathlib import Path

import pytest

from autoscale.clouds import names

HERE = Path(__file__).parent
CONTRACTS = {"ServersContract", "LaunchContract", "LoadBalancersContract", "DnsContract"}


@pytest.mark.parametrize("name", names())
def test_every_cloud_is_held_to_the_whole_contract(name: str) -> None:
    tree = ast.parse((HERE / f"test_{name}_contract.py").read_text())
    bases = {b.id for c in tree.body if isinstance(c, ast.ClassDef) for b in c.bases
             if isinstance(b, ast.Name)}
    assert bases >= CONTRACTS
