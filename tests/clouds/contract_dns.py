"""What every cloud promises of DNS."""
from __future__ import annotations

import pytest

from autoscale.core.observation import Record, Zone
from autoscale.seams import CloudError, Conflict, Gone, Uncertain

from .world import World

ZONE = "example.com"


def record(number: int, data: int | None = None) -> Record:
    return Record(name=f"web-{number}.{ZONE}", data=f"162.20.30.{data or number}")


def pairs(zone: Zone | None) -> set[tuple[str, str]]:
    assert zone is not None
    return {(each.name, each.data) for each in zone.records if each.type == "A"}


class DnsContract:
    @pytest.fixture
    def zone(self, world: World) -> str:
        return world.cloud.dns.create_zone(ZONE, email="admin@example.com", owner="web")

    def test_a_created_zone_is_found_with_its_owner(self, world: World, zone: str) -> None:
        seen = world.cloud.dns.find(ZONE)
        assert seen is not None
        assert (seen.id, seen.name, seen.owner) == (zone, ZONE, "web")
        assert world.cloud.dns.get(zone) == seen

    def test_only_the_exact_name_is_found(self, world: World, zone: str) -> None:
        world.cloud.dns.create_zone(f"my{ZONE}", email="a@example.com", owner="db")
        seen = world.cloud.dns.find(ZONE)
        assert seen is not None
        assert seen.id == zone
        assert world.cloud.dns.find(ZONE[2:]) is None

    def test_a_zone_is_found_by_its_owner(self, world: World, zone: str) -> None:
        assert world.cloud.dns.marked("web") == world.cloud.dns.get(zone)
        assert world.cloud.dns.marked("we") is None

    def test_a_second_zone_of_the_name_is_a_conflict(self, world: World, zone: str) -> None:
        with pytest.raises(Conflict, match=ZONE):
            world.cloud.dns.create_zone(ZONE, email="a@example.com", owner="db")

    def test_records_are_added_by_one_change_and_read_by_every_page(
        self, world: World, zone: str
    ) -> None:
        before = world.changes()
        world.cloud.dns.add_records(zone, [record(n) for n in range(20)])
        assert world.changes() == before + 1
        world.make_pages_short()
        assert len(pairs(world.cloud.dns.get(zone))) == 20

    def test_adding_can_be_repeated(self, world: World, zone: str) -> None:
        world.cloud.dns.add_records(zone, [record(1), record(2)])
        world.cloud.dns.add_records(zone, [record(2), record(3)])
        seen = world.cloud.dns.get(zone)
        assert seen is not None
        added = [each for each in seen.records if each.type == "A"]
        assert sorted(each.data for each in added) == [f"162.20.30.{n}" for n in (1, 2, 3)]
        assert all(each.id and each.ttl == 300 for each in added)

    def test_one_name_may_have_two_addresses(self, world: World, zone: str) -> None:
        world.cloud.dns.add_records(zone, [record(1), record(1, data=2)])
        assert len(pairs(world.cloud.dns.get(zone))) == 2

    def test_removing_can_be_repeated(self, world: World, zone: str) -> None:
        world.cloud.dns.add_records(zone, [record(1), record(2), record(3)])
        seen = world.cloud.dns.get(zone)
        assert seen is not None
        ids = {each.data: each.id for each in seen.records if each.type == "A"}
        world.cloud.dns.remove_records(zone, [ids["162.20.30.1"]])
        world.cloud.dns.remove_records(zone, [ids["162.20.30.1"], ids["162.20.30.2"]])
        assert pairs(world.cloud.dns.get(zone)) == {(record(3).name, record(3).data)}

    def test_a_deleted_zone_is_none_and_deleting_can_be_repeated(
        self, world: World, zone: str
    ) -> None:
        for _ in range(2):
            world.cloud.dns.delete_zone(zone)
            assert world.cloud.dns.get(zone) is None
            assert world.cloud.dns.find(ZONE) is None

    def test_what_is_gone_raises_gone_but_removing_from_it_succeeds(self, world: World) -> None:
        with pytest.raises(Gone):
            world.cloud.dns.add_records("424242", [record(1)])
        world.cloud.dns.remove_records("424242", ["A-1"])

    def test_a_create_without_an_answer_is_found_again(self, world: World) -> None:
        world.lose_the_next_answer()
        with pytest.raises(Uncertain, match=ZONE):
            world.cloud.dns.create_zone(ZONE, email="a@example.com", owner="web")
        world.settle()
        seen = world.cloud.dns.find(ZONE)
        assert seen is not None
        assert seen.owner == "web"

    def test_an_addition_without_an_answer_does_not_double(self, world: World, zone: str) -> None:
        world.lose_the_next_answer()
        with pytest.raises(CloudError):
            world.cloud.dns.add_records(zone, [record(1)])
        world.settle()
        world.cloud.dns.add_records(zone, [record(1)])
        seen = world.cloud.dns.get(zone)
        assert seen is not None
        assert len([each for each in seen.records if each.type == "A"]) == 1
