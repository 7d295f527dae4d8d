"""Who goes first, by a group's deletion policy."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.fields import DELETION_POLICIES
from autoscale.core.planning.order import precedence

OLD = (False, 100.0, "old")
OUTDATED = (True, 200.0, "outdated")
NEW = (False, 300.0, "new")


def order(policy, nodes):
    return [node[2] for node in sorted(nodes, key=lambda node: precedence(policy, *node))]


@pytest.mark.parametrize(("policy", "expected"), [
    ("oldest_launch_configuration", ["outdated", "old", "new"]),
    ("oldest", ["old", "outdated", "new"]),
    ("newest", ["new", "outdated", "old"]),
])
def test_each_policy_has_its_order(policy, expected):
    assert order(policy, [NEW, OUTDATED, OLD]) == expected


@pytest.mark.parametrize("policy", DELETION_POLICIES)
def test_the_order_does_not_depend_on_how_the_nodes_were_listed(policy):
    twins = [(False, 1.0, name) for name in ("a", "b", "c", "d")]
    assert order(policy, twins) == order(policy, twins[::-1])


def test_random_heeds_neither_age_nor_launch_configuration():
    names = [f"web-{number}" for number in range(40)]
    some = order("random", [(False, float(i), name) for i, name in enumerate(names)])
    others = order("random", [(True, float(-i), name) for i, name in enumerate(names)])
    assert some == others
    assert some not in (names, names[::-1])


@given(st.sampled_from(DELETION_POLICIES),
       st.lists(st.tuples(st.booleans(), st.floats(0, 1e10), st.text()),
                min_size=1, unique_by=lambda node: node[2]))
def test_who_has_gone_changes_nothing_for_those_who_stay(policy, nodes):
    """Else a victim chosen at one look would be another one at the next."""
    whole = order(policy, nodes)
    assert order(policy, nodes[1:]) == [name for name in whole if name != nodes[0][2]]
