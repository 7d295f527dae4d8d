"""What every cloud promises of load balancers."""
from __future__ import annotations

import pytest

from autoscale.core.observation import LoadBalancer, Node
from autoscale.seams import Gone, QuotaReached, Uncertain

from .world import World


def node(number: int) -> Node:
    return Node(address=f"10.20.30.{number}", port=8080)


def places(seen: LoadBalancer | None) -> set[tuple[str, int]]:
    assert seen is not None
    return {(each.address, each.port) for each in seen.nodes}


class LoadBalancersContract:
    @pytest.fixture
    def made(self, world: World) -> str:
        made = self.create(world)
        world.settle()
        return made

    def create(self, world: World, name: str = "web") -> str:
        balancers = world.cloud.load_balancers
        return balancers.create(name, port=80, protocol="HTTP", owner="web")

    def test_one_that_was_created_is_found_by_its_name(self, world: World, made: str) -> None:
        (seen,) = world.cloud.load_balancers.find("web")
        assert (seen.id, seen.name, seen.owner, seen.nodes) == (made, "web", "web", ())
        assert seen.changeable
        assert seen.address is not None
        assert world.cloud.load_balancers.get(made) == seen

    def test_weights_count_in_one_that_was_created(self, world: World, made: str) -> None:
        seen = world.cloud.load_balancers.get(made)
        assert seen is not None
        assert seen.weighs

    def test_only_the_exact_name_is_found_and_all_of_them(self, world: World, made: str) -> None:
        twin = self.create(world)
        for name in ("web2", "my-web", "WEB"):
            self.create(world, name)
        world.make_pages_short()
        assert {seen.id for seen in world.cloud.load_balancers.find("web")} == {made, twin}

    def test_one_that_is_building_is_not_changeable(self, world: World) -> None:
        seen = world.cloud.load_balancers.get(self.create(world))
        assert seen is not None
        assert not seen.changeable

    def test_a_create_without_an_answer_is_found_again(self, world: World) -> None:
        world.lose_the_next_answer()
        with pytest.raises(Uncertain, match="web"):
            self.create(world)
        assert len(world.cloud.load_balancers.find("web")) == 1

    def test_a_deleted_one_is_none_and_not_found(self, world: World, made: str) -> None:
        for _ in range(2):
            world.cloud.load_balancers.delete(made)
            assert world.cloud.load_balancers.get(made) is None
            assert world.cloud.load_balancers.find("web") == ()
            world.settle()

    def test_an_unknown_one_is_none(self, world: World) -> None:
        assert world.cloud.load_balancers.get("424242") is None
        world.cloud.load_balancers.delete("424242")

    def test_20_nodes_are_added_by_one_change(self, world: World, made: str) -> None:
        before = world.changes()
        world.cloud.load_balancers.add_nodes(made, [node(n) for n in range(20)])
        assert world.changes() == before + 1
        assert len(places(world.cloud.load_balancers.get(made))) == 20

    def test_adding_can_be_repeated(self, world: World, made: str) -> None:
        balancers = world.cloud.load_balancers
        balancers.add_nodes(made, [node(1), node(2)])
        world.settle()
        balancers.add_nodes(made, [node(2), node(3)])
        seen = balancers.get(made)
        assert places(seen) == {(f"10.20.30.{n}", 8080) for n in (1, 2, 3)}
        assert seen is not None
        assert len(seen.nodes) == 3

    def test_one_that_is_being_changed_is_waited_for(self, world: World, made: str) -> None:
        balancers = world.cloud.load_balancers
        balancers.add_nodes(made, [node(1)])
        balancers.add_nodes(made, [node(2)])
        assert len(places(balancers.get(made))) == 2

    def test_no_node_over_the_limit(self, world: World, made: str) -> None:
        world.fill_the_load_balancers_quota(made)
        with pytest.raises(QuotaReached, match=made):
            world.cloud.load_balancers.add_nodes(made, [node(99)])

    def test_a_full_one_keeps_what_is_there_already(self, world: World, made: str) -> None:
        world.cloud.load_balancers.add_nodes(made, [node(1)])
        world.settle()
        world.fill_the_load_balancers_quota(made)
        world.cloud.load_balancers.add_nodes(made, [node(1)])

    def test_25_nodes_are_removed_and_removing_can_be_repeated(
        self, world: World, made: str
    ) -> None:
        balancers = world.cloud.load_balancers
        balancers.add_nodes(made, [node(n) for n in range(25)])
        world.settle()
        seen = balancers.get(made)
        assert seen is not None
        ids = [each.id for each in seen.nodes]
        balancers.remove_nodes(made, ids[:1])
        world.settle()
        balancers.remove_nodes(made, ids)
        assert places(balancers.get(made)) == set()
        world.settle()
        balancers.remove_nodes(made, ids)

    def test_a_node_is_changed_and_changing_can_be_repeated(self, world: World, made: str) -> None:
        balancers = world.cloud.load_balancers
        balancers.add_nodes(made, [node(1)])
        for _ in range(2):
            world.settle()
            seen = balancers.get(made)
            assert seen is not None
            known = seen.nodes[0]
            wanted = Node(known.address, known.port, known.id, "DRAINING", known.type, 5)
            balancers.change_node(made, wanted)
        world.settle()
        seen = balancers.get(made)
        assert seen is not None
        assert seen.nodes == (wanted,)

    def test_what_is_gone_raises_gone_but_removing_from_it_succeeds(self, world: World) -> None:
        balancers = world.cloud.load_balancers
        with pytest.raises(Gone):
            balancers.add_nodes("424242", [node(1)])
        with pytest.raises(Gone):
            balancers.change_node("424242", Node("10.0.0.1", 80, "1"))
        balancers.remove_nodes("424242", ["1"])

    def test_a_node_that_is_gone_raises_gone(self, world: World, made: str) -> None:
        with pytest.raises(Gone):
            world.cloud.load_balancers.change_node(made, Node("10.0.0.1", 80, "424242"))

    def test_an_addition_without_an_answer_is_uncertain(self, world: World, made: str) -> None:
        world.lose_the_next_answer()
        with pytest.raises(Uncertain):
            world.cloud.load_balancers.add_nodes(made, [node(1)])
        world.settle()
        world.cloud.load_balancers.add_nodes(made, [node(1)])
        seen = world.cloud.load_balancers.get(made)
        assert seen is not None
        assert len(seen.nodes) == 1
