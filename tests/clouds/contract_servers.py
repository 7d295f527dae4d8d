"""What every cloud promises of servers, images, sizes and key pairs."""
from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from autoscale.core.observation import Server
from autoscale.seams import Busy, Gone, InvalidLaunch, QuotaReached, Refused, Uncertain

from .world import World

KEY = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7 test@example.com"


class ServersContract:
    def create(self, world: World, name: str = "web-1", **more: str) -> str:
        return world.cloud.servers.create(
            name, image=world.image, size=world.size, metadata={"asg": "web"}, **more
        )

    def only(self, world: World) -> Server:
        (server,) = world.cloud.servers.list()
        return server

    def test_a_created_server_is_listed_with_its_mark(self, world: World) -> None:
        made = self.create(world)
        seen = self.only(world)
        assert (seen.id, seen.name, seen.group, seen.leaving) == (made, "web-1", "web", False)

    def test_a_server_that_is_up_has_its_addresses(self, world: World) -> None:
        self.create(world)
        world.settle()
        seen = self.only(world)
        assert seen.state == "ACTIVE"
        assert seen.private is not None
        assert seen.public is not None
        assert seen.private.count(".") == seen.public.count(".") == 3

    def test_a_server_is_found_by_its_id_until_it_is_gone(self, world: World) -> None:
        made = self.create(world)
        assert world.cloud.servers.get(made) == self.only(world)
        world.cloud.servers.delete(made)
        world.settle()
        assert world.cloud.servers.get(made) is None

    def test_servers_are_found_by_name_or_id_whatever_their_mark(self, world: World) -> None:
        made, foreign = self.create(world), world.add_foreign_server()
        servers = world.cloud.servers
        named = servers.get(foreign)
        assert named is not None
        assert [seen.id for seen in servers.find("web-1")] == [made]
        assert [seen.id for seen in servers.find(made)] == [made]
        assert servers.find(foreign) == servers.find(named.name) == (named,)

    def test_only_the_whole_name_finds_a_server(self, world: World) -> None:
        self.create(world, "web-10")
        assert world.cloud.servers.find("web-1") == world.cloud.servers.find("web-.*") == ()

    def test_every_page_is_searched_and_namesakes_are_all_found(self, world: World) -> None:
        made = {self.create(world, "twin") for _ in range(2)}
        for number in range(8):
            self.create(world, f"web-{number}")
        world.make_pages_short()
        assert {seen.id for seen in world.cloud.servers.find("twin")} == made

    def test_servers_without_a_mark_are_not_listed(self, world: World) -> None:
        world.add_foreign_server()
        assert world.cloud.servers.list() == ()

    def test_every_page_is_listed(self, world: World) -> None:
        made = {self.create(world, f"web-{number}") for number in range(8)}
        world.make_pages_short()
        assert {seen.id for seen in world.cloud.servers.list()} == made

    def test_ten_threads_create_ten_servers(self, world: World) -> None:
        with ThreadPoolExecutor(10) as pool:
            made = set(pool.map(lambda n: self.create(world, f"web-{n}"), range(10)))
        assert {seen.id for seen in world.cloud.servers.list()} == made
        assert len(made) == 10

    def test_key_and_user_data_are_accepted(self, world: World) -> None:
        world.cloud.servers.create_key_pair("asg-web", KEY)
        made = self.create(world, key_name="asg-web", user_data="I2Nsb3VkLWNvbmZpZwo=")
        assert self.only(world).id == made

    def test_an_image_that_is_unknown_is_an_invalid_launch(self, world: World) -> None:
        with pytest.raises(InvalidLaunch, match="web-1"):
            world.cloud.servers.create("web-1", image="nope", size=world.size, metadata={})
        assert world.cloud.servers.list() == ()

    def test_no_server_over_the_quota(self, world: World) -> None:
        world.fill_the_servers_quota()
        with pytest.raises(QuotaReached, match="web-1"):
            self.create(world)

    def test_a_create_without_an_answer_is_uncertain_and_not_repeated(self, world: World) -> None:
        world.lose_the_next_answer()
        with pytest.raises(Uncertain, match="web-1") as raised:
            self.create(world)
        assert not raised.value.certain
        assert self.only(world).name == "web-1"

    def test_a_short_rate_limit_is_waited_for(self, world: World) -> None:
        world.refuse_changes_for_a_while()
        assert self.create(world) == self.only(world).id

    def test_a_long_rate_limit_is_busy_and_without_effect(self, world: World) -> None:
        world.refuse_changes_for_long()
        with pytest.raises(Busy, match="web-1") as raised:
            self.create(world)
        assert raised.value.certain
        assert (raised.value.retry_after or 0) > 20
        assert world.cloud.servers.list() == ()

    def test_a_listing_survives_what_passes(self, world: World) -> None:
        made = self.create(world)
        world.fail_the_next_look()
        assert self.only(world).id == made

    def test_a_deleted_server_goes(self, world: World) -> None:
        made = self.create(world)
        world.settle()
        world.cloud.servers.delete(made)
        assert all(seen.leaving for seen in world.cloud.servers.list())
        world.settle()
        assert world.cloud.servers.list() == ()

    def test_deleting_a_server_twice_succeeds(self, world: World) -> None:
        made = self.create(world)
        world.cloud.servers.delete(made)
        world.cloud.servers.delete(made)
        world.settle()
        world.cloud.servers.delete(made)

    def test_tags_are_added_and_others_kept(self, world: World) -> None:
        made = self.create(world)
        for _ in range(2):
            world.cloud.servers.tag(made, {"configured": "True"})
        assert self.only(world).metadata == {"asg": "web", "configured": "True"}

    def test_tagging_a_server_that_is_gone_raises_gone(self, world: World) -> None:
        with pytest.raises(Gone):
            world.cloud.servers.tag("1c55b9ca-0000-4000-8000-000000000000", {"a": "b"})

    def test_tags_are_removed_and_others_kept(self, world: World) -> None:
        made = self.create(world)
        world.cloud.servers.tag(made, {"configured": "True", "launch": "1"})
        for _ in range(2):
            world.cloud.servers.untag(made, ["configured", "never-there"])
        assert self.only(world).metadata == {"asg": "web", "launch": "1"}
        world.cloud.servers.untag(made, ["launch", "asg"])
        assert world.cloud.servers.list() == ()
        seen = world.cloud.servers.get(made)
        assert seen is not None
        assert seen.metadata == {}

    def test_removing_a_tag_whose_answer_is_lost_can_be_repeated(self, world: World) -> None:
        made = self.create(world)
        world.lose_the_next_answer()
        with pytest.raises(Uncertain, match="asg"):
            world.cloud.servers.untag(made, ["asg"])
        world.cloud.servers.untag(made, ["asg"])
        assert world.cloud.servers.list() == ()

    def test_removing_the_tag_of_a_server_that_is_gone_succeeds(self, world: World) -> None:
        world.cloud.servers.untag("1c55b9ca-0000-4000-8000-000000000000", ["asg"])


class LaunchContract:
    def test_an_image_and_a_size_that_exist_are_good(self, world: World) -> None:
        world.cloud.servers.check_launch(world.image, world.size)

    def test_an_unknown_image_is_told_with_those_there_are(self, world: World) -> None:
        with pytest.raises(InvalidLaunch, match=f"nope.*{world.image}"):
            world.cloud.servers.check_launch("nope", world.size)

    def test_an_unknown_size_is_told_with_those_there_are(self, world: World) -> None:
        with pytest.raises(InvalidLaunch, match=f"99.*{world.size}"):
            world.cloud.servers.check_launch(world.image, "99")

    def test_key_pairs_come_and_go_and_both_can_be_repeated(self, world: World) -> None:
        servers = world.cloud.servers
        for _ in range(2):
            servers.create_key_pair("asg-web", KEY)
        assert "asg-web" in servers.key_pairs()
        for _ in range(2):
            servers.delete_key_pair("asg-web")
        assert "asg-web" not in servers.key_pairs()

    def test_a_bad_public_key_is_refused(self, world: World) -> None:
        with pytest.raises(Refused, match="asg-web"):
            world.cloud.servers.create_key_pair("asg-web", "no key at all")
