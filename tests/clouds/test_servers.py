"""Servers and key pairs, where clouds differ from the documentation or fail in odd ways."""
from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest

from autoscale.seams import Busy, CloudError, Gone, InvalidLaunch, Refused

from .scripted import Call, Reply, Scripted

DETAIL = "GET /servers/detail"


def server(number: int, **changed: Any) -> dict[str, Any]:
    return {
        "id": f"s{number}",
        "name": f"web-{number}",
        "status": "ACTIVE",
        "created": "2023-11-14T22:13:20Z",
        "updated": "2023-11-14T22:13:30Z",
        "metadata": {"asg": "web"},
        "addresses": {
            "public": [{"version": 6, "addr": "2001::1"}, {"version": 4, "addr": "162.0.0.1"}],
            "private": [{"version": 4, "addr": "10.0.0.1"}],
        },
        **changed,
    }


def listed(*servers: Any, **more: Any) -> Reply:
    return Reply({"servers": list(servers), **more})


def next_link(marker: str) -> list[dict[str, str]]:
    return [{"rel": "next", "href": f"http://other.example/servers/detail?marker={marker}"}]


class TestList:
    def test_a_server_is_read_whole(self, cloud: Scripted) -> None:
        cloud.on(DETAIL, listed(server(1, **{"OS-EXT-STS:task_state": "deleting"})))
        (seen,) = cloud.connect().servers.list()
        assert (seen.id, seen.name, seen.state, seen.group) == ("s1", "web-1", "ACTIVE", "web")
        assert (seen.created, seen.updated) == (1_700_000_000, 1_700_000_010)
        assert (seen.public, seen.private, seen.leaving) == ("162.0.0.1", "10.0.0.1", True)

    def test_what_a_building_server_lacks_is_none(self, cloud: Scripted) -> None:
        fresh = server(1, status="BUILD", addresses={}, accessIPv4="", updated=None)
        cloud.on(DETAIL, listed(fresh))
        (seen,) = cloud.connect().servers.list()
        assert (seen.public, seen.private, seen.leaving) == (None, None, False)
        assert seen.updated == seen.created

    def test_the_access_address_stands_in_for_the_public_one(self, cloud: Scripted) -> None:
        cloud.on(DETAIL, listed(server(1, addresses={}, accessIPv4="162.0.0.9")))
        assert cloud.connect().servers.list()[0].public == "162.0.0.9"

    def test_foreign_and_deleted_servers_are_left_out(self, cloud: Scripted) -> None:
        foreign = {"id": "f", "metadata": None}  # lacks what we need, and is none of ours
        cloud.on(DETAIL, listed(server(1), foreign, server(2, status="DELETED")))
        assert [seen.id for seen in cloud.connect().servers.list()] == ["s1"]

    def test_pages_are_followed_by_their_links_on_our_own_host(self, cloud: Scripted) -> None:
        cloud.on(
            DETAIL,
            listed(server(1), servers_links=next_link("s1")),
            listed(server(1), server(2), servers_links=next_link("s2")),
            listed(),
        )
        assert [seen.id for seen in cloud.connect().servers.list()] == ["s1", "s2"]
        asked = [parse_qs(call.query).get("marker") for call in cloud.asked(DETAIL)]
        assert asked == [None, ["s1"], ["s2"]]

    def test_a_full_page_without_a_link_is_followed_by_its_last_id(self, cloud: Scripted) -> None:
        full = [server(number) for number in range(1000)]
        cloud.on(DETAIL, listed(*full), listed(server(1000)))
        assert len(cloud.connect().servers.list()) == 1001

    def test_pages_in_a_circle_are_an_error(self, cloud: Scripted) -> None:
        cloud.on(DETAIL, listed(server(1), servers_links=next_link("s1")))
        with pytest.raises(CloudError, match="list the servers.*circles"):
            cloud.connect().servers.list()

    def test_a_page_that_fails_makes_the_listing_fail(self, cloud: Scripted) -> None:
        def second_fails(call: Call) -> Reply:
            if "marker" in call.query:
                return Reply({"badRequest": {"message": "marker [s1] not found"}}, 400)
            return listed(server(1), servers_links=next_link("s1"))

        cloud.on(DETAIL, second_fails)
        with pytest.raises(CloudError, match="it changed while it was read") as raised:
            cloud.connect().servers.list()
        assert raised.value.retry

    @pytest.mark.parametrize(
        "reply",
        [
            Reply("<html>"),
            Reply({}),
            Reply({"servers": None}),
            Reply({"servers": [1]}),
            Reply([]),
            listed({"metadata": {"asg": "web"}}),
            listed(server(1, created="yesterday")),
            listed(server(1, status=None, addresses=[])),
            listed(server(1), servers_links=[{"rel": "next", "href": "x"}]),
        ],
    )
    def test_an_unreadable_listing_is_an_error_never_a_part(
        self, cloud: Scripted, reply: Reply
    ) -> None:
        cloud.on(DETAIL, reply)
        with pytest.raises(CloudError, match="list the servers.*can't be understood"):
            cloud.connect().servers.list()


class TestCreate:
    def test_user_data_goes_by_the_config_drive(self, cloud: Scripted) -> None:
        cloud.on("POST /servers", Reply({"server": {"id": "s1"}}, 202))
        cloud.connect().servers.create(
            "web-1", image="i", size="2", metadata={"asg": "web"}, key_name="k", user_data="Iw=="
        )
        assert cloud.asked("POST /servers")[0].body == {
            "server": {
                "name": "web-1",
                "imageRef": "i",
                "flavorRef": "2",
                "metadata": {"asg": "web"},
                "key_name": "k",
                "user_data": "Iw==",
                "config_drive": True,
            }
        }

    def test_without_key_and_user_data_neither_is_sent(self, cloud: Scripted) -> None:
        cloud.on("POST /servers", Reply({"server": {"id": "s1"}}, 202))
        cloud.connect().servers.create("web-1", image="i", size="2", metadata={})
        sent = cloud.asked("POST /servers")[0].body["server"]
        assert set(sent) == {"name", "imageRef", "flavorRef", "metadata"}


class TestDelete:
    @pytest.mark.parametrize("status", [202, 204, 404, 410])
    def test_gone_is_success(self, cloud: Scripted, status: int) -> None:
        cloud.on("DELETE /servers/s1", Reply("", status))
        cloud.connect().servers.delete("s1")

    @pytest.mark.parametrize(
        ("now", "error"),
        [
            (Reply("", 404), None),
            (Reply({"server": server(1, **{"OS-EXT-STS:task_state": "deleting"})}), None),
            (Reply({"server": server(1)}), Busy),
        ],
    )
    def test_a_conflict_is_success_only_for_what_is_going(
        self, cloud: Scripted, now: Reply, error: type[Exception] | None
    ) -> None:
        cloud.on("DELETE /servers/s1", Reply({"conflictingRequest": {"message": "no"}}, 409))
        cloud.on("GET /servers/s1", now)
        servers = cloud.connect().servers
        if error:
            with pytest.raises(error, match="delete server s1"):
                servers.delete("s1")
        else:
            servers.delete("s1")

    def test_an_id_can_not_reach_another_path(self, cloud: Scripted) -> None:
        cloud.connect().servers.delete("../loadbalancers/1")
        assert cloud.calls[-1].path == "/servers/..%2Floadbalancers%2F1"

    def test_tagging_a_server_that_is_gone_raises_gone(self, cloud: Scripted) -> None:
        with pytest.raises(Gone, match="tag server s1"):
            cloud.connect().servers.tag("s1", {"configured": "True"})


class TestLaunch:
    def offer(self, cloud: Scripted, **image: Any) -> None:
        cloud.on("GET /flavors/detail", Reply({"flavors": [{"id": 2, "name": "512MB"}]}))
        images = [{"id": f"i{n}", "name": f"Ubuntu {n}", **image} for n in range(7)]
        cloud.on("GET /images/detail", Reply({"images": images}))

    def test_what_is_listed_is_good(self, cloud: Scripted) -> None:
        self.offer(cloud)
        cloud.connect().servers.check_launch("i1", "2")

    def test_an_unknown_flavor_is_named_with_those_there_are(self, cloud: Scripted) -> None:
        self.offer(cloud)
        with pytest.raises(InvalidLaunch, match=r"flavor 99 does not exist: .* are 2 \(512MB\)"):
            cloud.connect().servers.check_launch("i1", "99")

    def test_an_unknown_image_is_named_with_five_of_those_there_are(self, cloud: Scripted) -> None:
        self.offer(cloud)
        with pytest.raises(InvalidLaunch, match=r"image x .*i4 \(Ubuntu 4\) and 2 more$"):
            cloud.connect().servers.check_launch("x", "2")

    def test_an_image_that_is_shared_with_us_is_good(self, cloud: Scripted) -> None:
        self.offer(cloud)
        cloud.on("GET /images/shared", Reply({"image": {"id": "shared"}}))
        cloud.connect().servers.check_launch("shared", "2")

    def test_an_image_that_is_not_ready_is_refused(self, cloud: Scripted) -> None:
        self.offer(cloud, status="SAVING")
        with pytest.raises(InvalidLaunch, match="image i1 can't be used: it is SAVING"):
            cloud.connect().servers.check_launch("i1", "2")


class TestKeyPairs:
    def test_one_that_exists_is_left_as_it_is(self, cloud: Scripted) -> None:
        cloud.on("POST /os-keypairs", Reply({"conflictingRequest": {"message": "exists"}}, 409))
        cloud.connect().servers.create_key_pair("asg-web", "ssh-rsa AAAA")

    def test_a_bad_key_is_refused(self, cloud: Scripted) -> None:
        bad = {"badRequest": {"message": "Keypair data is invalid"}}
        cloud.on("POST /os-keypairs", Reply(bad, 400))
        with pytest.raises(Refused, match="create key pair asg-web.*Keypair data is invalid"):
            cloud.connect().servers.create_key_pair("asg-web", "nonsense")

    def test_deleting_one_that_is_gone_succeeds(self, cloud: Scripted) -> None:
        cloud.connect().servers.delete_key_pair("asg-web")
