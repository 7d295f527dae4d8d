"""How a load balancer shares requests out, with real servers and real requests."""
from __future__ import annotations

from collections import Counter
from typing import Iterator

import pytest

from simcloud import ManualClock, Region, Settings
from simcloud.load_balancers.load_balancer import ALGORITHMS, WEIGHING
from simcloud.traffic.turns import Turns
from tests.support.loopback import only_linux

from .client import fetch, private

pytestmark = only_linux


@pytest.fixture
def region() -> Iterator[Region]:
    region = Region(ManualClock(), Settings(app_port=8080))
    yield region
    region.close()


class Shared:
    """A load balancer in front of servers of these names, each with its weight."""

    def __init__(self, region: Region, algorithm: str, protocol: str = "HTTP", **weights: int):
        self.region = region
        made = region.tamper.add_load_balancer("web", protocol=protocol, algorithm=algorithm)
        self.id, self.nodes = made["id"], {}
        for name, weight in weights.items():
            region.tamper.add_server(name)
            node = region.tamper.add_node(self.id, private(region, name), 8080, weight=weight)
            self.nodes[name] = node["id"]

    def change(self, name: str, **changes: object) -> None:
        self.region.tamper.change_node(self.id, self.nodes[name], **changes)

    def answers(self, requests: int) -> Counter[str]:
        """Who has answered how many of so many requests, one after the other."""
        balancer = self.region.load_balancers.get(self.id)
        place = str(self.region.traffic.listens_on(balancer))
        return Counter(fetch(place) for _ in range(requests))


@pytest.mark.parametrize("protocol", ["HTTP", "TCP"])
@pytest.mark.parametrize("algorithm", WEIGHING)
def test_weights_3_and_1_get_3_of_4_requests_and_1(
    region: Region, algorithm: str, protocol: str
) -> None:
    shared = Shared(region, algorithm, protocol, a=3, b=1)
    for rounds in (1, 2, 5):
        assert shared.answers(4 * rounds) == {"a": 3 * rounds, "b": rounds}


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_equal_weights_get_equally_many(region: Region, algorithm: str) -> None:
    assert Shared(region, algorithm, a=5, b=5).answers(8) == {"a": 4, "b": 4}


@pytest.mark.parametrize("algorithm", sorted(set(ALGORITHMS) - set(WEIGHING)))
def test_weights_do_not_count_with_the_other_algorithms(region: Region, algorithm: str) -> None:
    assert Shared(region, algorithm, a=3, b=1).answers(8) == {"a": 4, "b": 4}


@pytest.mark.parametrize("condition", ["DRAINING", "DISABLED"])
def test_a_node_that_is_not_enabled_gets_none_however_heavy_it_is(
    region: Region, condition: str
) -> None:
    shared = Shared(region, "WEIGHTED_ROUND_ROBIN", a=100, b=3, c=1)
    shared.answers(2)
    shared.change("a", condition=condition)
    assert shared.answers(8) == {"b": 6, "c": 2}


def test_a_change_of_weight_counts_from_the_next_request_on(region: Region) -> None:
    shared = Shared(region, "WEIGHTED_ROUND_ROBIN", a=100, b=1)
    shared.answers(3)
    shared.change("a", weight=1)
    assert shared.answers(4) == {"a": 2, "b": 2}


def test_a_change_of_the_algorithm_counts_from_the_next_request_on(region: Region) -> None:
    shared = Shared(region, "RANDOM", a=3, b=1)
    assert shared.answers(4) == {"a": 2, "b": 2}
    balancer = region.load_balancers.get(shared.id)
    balancer.algorithm = "WEIGHTED_ROUND_ROBIN"
    region.tamper.set_load_balancer_status(shared.id, "ACTIVE")
    assert shared.answers(4) == {"a": 3, "b": 1}


def test_the_turns_of_a_heavy_node_are_spread_and_always_in_the_same_order() -> None:
    turns = Turns()
    turns.among({1: 5, 2: 1, 3: 1})
    once = [turns.next() for _ in range(7)]
    assert once == [1, 1, 2, 1, 3, 1, 1]
    assert [turns.next() for _ in range(7)] == once


def test_a_change_of_something_else_does_not_begin_the_turns_anew() -> None:
    turns = Turns()
    taken = []
    for _ in range(4):
        turns.among({1: 1, 2: 1})
        taken.append(turns.next())
    assert taken == [1, 2, 1, 2]
