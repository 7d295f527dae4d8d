"""Several wishes at once: up beats staying, staying beats down, the largest of one direction."""
from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscale.core.wishes import Wish, contest

NOW = 1000
LATER = NOW + 300


def wish(name, capacity, possible_at=0):
    return Wish(name, capacity, possible_at)


@pytest.mark.parametrize(("wishes", "capacity", "winner"), [
    ([], 5, None),
    ([wish("a", 8)], 8, "a"),
    ([wish("a", 8), wish("b", 6)], 8, "a"),
    ([wish("a", 6), wish("b", 2)], 6, "a"),
    ([wish("a", 2), wish("b", 5)], 5, "b"),
    ([wish("a", 2), wish("b", 3)], 3, "b"),
    ([wish("a", 8, LATER)], 5, "a"),
    ([wish("a", 8, LATER), wish("b", 6)], 6, "b"),
    ([wish("a", 8, LATER), wish("b", 2)], 5, "a"),
    ([wish("a", 2, LATER)], 5, "a"),
    ([wish("a", 3, LATER), wish("b", 2)], 2, "b"),
    ([wish("a", 5, LATER), wish("b", 2)], 5, "a"),
])
def test_who_wins_among_wishes_for_a_group_of_five(wishes, capacity, winner):
    outcome = contest(wishes, 5, NOW, "node")
    assert outcome.capacity == capacity
    assert (outcome.winner.name if outcome.winner else None) == winner


@pytest.mark.parametrize(("wishes", "told"), [
    ([wish("a", 8), wish("b", 6)], "b wants 6 nodes: lost, the larger wins"),
    ([wish("a", 8), wish("b", 5)], "b wants 5 nodes: lost, growing beats staying"),
    ([wish("a", 8), wish("b", 2)], "b wants 2 nodes: lost, growing beats shrinking"),
    ([wish("a", 5), wish("b", 2)], "b wants 2 nodes: lost, staying beats shrinking"),
    ([wish("a", 3), wish("b", 2)], "b wants 2 nodes: lost, the larger wins"),
    ([wish("a", 8), wish("b", 8)], "b wants 8 nodes: the same"),
    ([wish("a", 6), wish("b", 9, LATER)], "b wants 9 nodes: lost, possible only in 5 min"),
    ([wish("a", 3), wish("b", 2, LATER)], "b wants 2 nodes: lost, possible only in 5 min"),
])
def test_each_loser_has_its_sentence(wishes, told):
    outcome = contest(wishes, 5, NOW, "node")
    assert outcome.winner.name == "a"
    assert outcome.told[1] == told


def test_a_wish_that_has_to_wait_says_until_when():
    outcome = contest([wish("a", 8, LATER)], 5, NOW, "node")
    assert outcome.told == ("a wants 8 nodes, possible in 5 min",)
    assert outcome.possible_at == LATER


WISHES = st.lists(st.builds(
    Wish, st.sampled_from("abcdef"), st.integers(0, 20), st.sampled_from([0, NOW, LATER])))


@given(WISHES, st.integers(0, 20))
def test_every_wish_is_told_and_the_outcome_is_one_of_them_or_staying(wishes, current):
    outcome = contest(wishes, current, NOW, "node")
    assert len(outcome.told) == len(wishes)
    assert sorted([*outcome.losers, *filter(None, [outcome.winner])], key=str) == sorted(
        wishes, key=str)
    assert outcome.capacity in {current, *(one.capacity for one in wishes)}


@given(WISHES, st.integers(0, 20))
def test_nothing_shrinks_while_anyone_wants_to_grow_or_stay(wishes, current):
    if any(one.capacity >= current for one in wishes):
        assert contest(wishes, current, NOW, "node").capacity >= current


@given(WISHES, st.integers(0, 20), st.randoms())
def test_the_order_of_the_wishes_does_not_matter(wishes, current, chance):
    shuffled = list(wishes)
    chance.shuffle(shuffled)
    assert contest(shuffled, current, NOW, "node") == contest(wishes, current, NOW, "node")
