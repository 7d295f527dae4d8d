"""DNS: jobs, pages that move, and errors inside a 200."""
from __future__ import annotations

from typing import Any, Callable
from urllib.parse import parse_qs

import pytest

from autoscale.clouds.rackspace.jobs import _path
from autoscale.core.observation import Record
from autoscale.seams import Busy, CloudError, Conflict, Gone, Refused, Uncertain

from .scripted import Call, Reply, Scripted

RECORDS, ADD, REMOVE = (f"{m} /domains/5/records" for m in ("GET", "POST", "DELETE"))
STATUS = "GET /status/j1"
JOB = Reply({"jobId": "j1", "callbackUrl": "https://evil.example/v1/9/status/j1"}, 202)


def done(**response: Any) -> Reply:
    return Reply({"jobId": "j1", "status": "COMPLETED", "response": response})


def failed(code: int, details: str, *faults: int) -> Reply:
    error: dict[str, Any] = {"code": code, "message": "Failed.", "details": details}
    if faults:
        error["failedItems"] = {"faults": [{"code": each, "message": "x"} for each in faults]}
    return Reply({"jobId": "j1", "status": "ERROR", "error": error})


def record(number: int) -> dict[str, Any]:
    name = f"web-{number}.example.com"
    return {"id": f"A-{number}", "name": name, "type": "A", "data": f"1.0.0.{number}", "ttl": 300}


def wanted(number: int, ttl: int = 300) -> Record:
    return Record(name=f"web-{number}.example.com", data=f"1.0.0.{number}", ttl=ttl)


def paged(key: str, every: list[Any], total: bool = True) -> Callable[[Call], Reply]:
    def page(call: Call) -> Reply:
        query = parse_qs(call.query)
        start, limit = int(query["offset"][0]), int(query["limit"][0])
        count = {"totalEntries": len(every)} if total else {}
        return Reply({key: every[start : start + limit], **count})

    return page


class TestLook:
    def test_the_name_is_compared_whole(self, cloud: Scripted) -> None:
        zones = [
            {"id": 4, "name": "my.example.com", "comment": "asg:db"},
            {"id": 5, "name": "Example.com", "comment": "asg:web"},
        ]
        cloud.on("GET /domains", paged("domains", zones))
        cloud.on(RECORDS, paged("records", [record(1)]))
        zone = cloud.connect().dns.find("example.com")
        assert zone is not None
        assert (zone.id, zone.owner) == ("5", "web")
        assert zone.records == (Record("web-1.example.com", "1.0.0.1", "A-1", "A", 300),)
        assert "name=example.com" in cloud.asked("GET /domains")[0].query

    def test_a_comment_that_is_left_out_is_asked_for(self, cloud: Scripted) -> None:
        cloud.on("GET /domains", paged("domains", [{"id": 5, "name": "example.com"}]))
        one = {"id": 5, "name": "example.com", "comment": "asg:web"}
        cloud.on("GET /domains/5", Reply(one))
        cloud.on(RECORDS, paged("records", []))
        zone = cloud.connect().dns.find("example.com")
        assert zone is not None
        assert zone.owner == "web"

    @pytest.mark.parametrize("comment", [None, "", "asg:", "ours", "xasg:web"])
    def test_another_comment_names_no_owner(self, cloud: Scripted, comment: str | None) -> None:
        cloud.on("GET /domains/5", Reply({"id": 5, "name": "example.com", "comment": comment}))
        cloud.on(RECORDS, paged("records", []))
        zone = cloud.connect().dns.get("5")
        assert zone is not None
        assert zone.owner is None

    def test_no_such_zone_is_none(self, cloud: Scripted) -> None:
        cloud.on("GET /domains", paged("domains", []))
        assert cloud.connect().dns.find("example.com") is None
        assert cloud.connect().dns.get("5") is None

    @pytest.mark.parametrize("total", [True, False])
    def test_every_page_is_read(self, cloud: Scripted, total: bool) -> None:
        cloud.on("GET /domains/5", Reply({"id": 5, "name": "example.com"}))
        cloud.on(RECORDS, paged("records", [record(n) for n in range(250)], total))
        zone = cloud.connect().dns.get("5")
        assert zone is not None
        assert len(zone.records) == 250
        assert cloud.count(RECORDS) == 3

    def test_a_list_that_changes_while_it_is_read_is_never_a_part(self, cloud: Scripted) -> None:
        cloud.on("GET /domains/5", Reply({"id": 5, "name": "example.com"}))
        cloud.on(RECORDS, Reply({"records": [record(1)], "totalEntries": 2}))
        with pytest.raises(CloudError, match="changes while it is read"):
            cloud.connect().dns.get("5")


class TestJobs:
    def test_a_job_is_followed_on_our_own_endpoint(self, cloud: Scripted) -> None:
        cloud.on("POST /domains", JOB)
        cloud.on(STATUS, Reply({"status": "RUNNING"}), done(domains=[{"id": 5}]))
        dns = cloud.connect().dns
        assert dns.create_zone("example.com", email="a@example.com", owner="web") == "5"
        sent = cloud.asked("POST /domains")[0].body["domains"][0]
        assert (sent["comment"], sent["ttl"]) == ("asg:web", 300)
        assert cloud.slept == [0.3]
        assert cloud.asked(STATUS)[0].query == "showDetails=true"

    @pytest.mark.parametrize(
        ("job", "path"),
        [
            ({"jobId": "j1", "callbackUrl": "https://dns/v1/1/status/j1?x=1"}, "/status/j1"),
            ({"jobId": "j1", "callbackUrl": "https://dns/v1/1/jobs/j1"}, "/jobs/j1"),
            ({"jobId": "j1", "callbackUrl": "https://dns/v1/11/jobs/j1"}, "/status/j1"),
            ({"jobId": "j1", "callbackUrl": "https://dns.evil/v1/1/jobs/j1"}, "/status/j1"),
            ({"callbackUrl": "https://other/v1/1/status/j2"}, "/status/j2"),
            ({"jobId": "../x"}, "/status/..%2Fx"),
        ],
    )
    def test_a_callback_elsewhere_is_asked_for_here(self, job: dict[str, str], path: str) -> None:
        assert _path("https://dns/v1/1", job) == path

    def test_a_zone_whose_job_does_not_tell_its_id_is_looked_for(self, cloud: Scripted) -> None:
        cloud.on("POST /domains", JOB)
        cloud.on(STATUS, Reply({"status": "COMPLETED"}))
        zones = [{"id": 5, "name": "example.com", "comment": "asg:web"}]
        cloud.on("GET /domains", paged("domains", zones))
        cloud.on(RECORDS, paged("records", []))
        dns = cloud.connect().dns
        assert dns.create_zone("example.com", email="a@example.com", owner="web") == "5"

    @pytest.mark.parametrize(
        ("outcome", "kind"),
        [
            (failed(409, "Domain already exists"), Conflict),
            (failed(500, "internal"), Uncertain),
            (failed(400, "bad address"), Refused),
            (Reply({"status": "ERROR"}), Uncertain),
            (Reply({"status": "RUNNING"}), Uncertain),
            (Reply("", 404), Uncertain),
            (Reply("<html>"), Uncertain),
            (Reply("", 502), Uncertain),
        ],
    )
    def test_each_end_of_a_job_has_its_type(
        self, cloud: Scripted, outcome: Reply, kind: type
    ) -> None:
        cloud.on("POST /domains", JOB)
        cloud.on(STATUS, outcome)
        with pytest.raises(kind, match="create zone example.com") as raised:
            cloud.connect().dns.create_zone("example.com", email="a@b.c", owner="web")
        assert type(raised.value) is kind
        assert cloud.count("POST /domains") == 1
        assert sum(cloud.slept) <= 61


class TestRecords:
    def test_one_job_adds_a_hundred_and_those_that_are_there_are_kept(
        self, cloud: Scripted
    ) -> None:
        cloud.on(RECORDS, paged("records", [record(1)]))
        cloud.on(ADD, JOB)
        cloud.on(STATUS, done())
        cloud.connect().dns.add_records("5", [wanted(n, ttl=60) for n in range(1, 104)])
        sent = [call.body["records"] for call in cloud.asked(ADD)]
        assert [len(batch) for batch in sent] == [100, 2]
        least = {"name": "web-2.example.com", "type": "A", "data": "1.0.0.2", "ttl": 300}
        assert sent[0][0] == least

    def test_nothing_is_sent_when_all_are_there(self, cloud: Scripted) -> None:
        cloud.on(RECORDS, paged("records", [{**record(1), "name": "WEB-1.example.com"}]))
        cloud.connect().dns.add_records("5", [wanted(1)])
        assert cloud.count(ADD) == 0

    def test_one_that_another_hand_adds_meanwhile_is_kept(self, cloud: Scripted) -> None:
        cloud.on(RECORDS, paged("records", []), paged("records", [record(1)]))
        cloud.on(ADD, JOB)
        cloud.on(STATUS, failed(500, "see the list", 409), done())
        cloud.connect().dns.add_records("5", [wanted(1), wanted(2)])
        assert [len(call.body["records"]) for call in cloud.asked(ADD)] == [2, 1]

    def test_records_of_a_zone_that_is_gone_raise_gone(self, cloud: Scripted) -> None:
        with pytest.raises(Gone, match="zone 5"):
            cloud.connect().dns.add_records("5", [wanted(1)])

    def test_removing_drops_what_is_gone_and_removes_the_rest(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, JOB)
        cloud.on(RECORDS, paged("records", [record(2)]))
        cloud.on(STATUS, failed(404, "Object not found"), done())
        cloud.connect().dns.remove_records("5", ["A-1", "A-2"])
        assert [call.query for call in cloud.asked(REMOVE)] == ["id=A-1&id=A-2", "id=A-2"]

    def test_another_refusal_to_remove_is_raised(self, cloud: Scripted) -> None:
        cloud.on(REMOVE, JOB)
        cloud.on(RECORDS, paged("records", [record(1)]))
        cloud.on(STATUS, failed(400, "You may not"))
        with pytest.raises(Refused, match="remove 1 record from zone 5.*You may not"):
            cloud.connect().dns.remove_records("5", ["A-1"])

    def test_removing_from_a_zone_that_is_gone_succeeds(self, cloud: Scripted) -> None:
        cloud.connect().dns.remove_records("5", ["A-1"])

    @pytest.mark.parametrize("end", [done(), failed(404, "Object not found")])
    def test_deleting_a_zone_is_idempotent_and_spares_zones_below(
        self, cloud: Scripted, end: Reply
    ) -> None:
        cloud.on("DELETE /domains/5", JOB)
        cloud.on(STATUS, end)
        cloud.connect().dns.delete_zone("5")
        assert cloud.asked("DELETE /domains/5")[0].query == ""

    def test_a_rate_limit_of_a_minute_is_busy(self, cloud: Scripted) -> None:
        cloud.on(RECORDS, paged("records", []))
        cloud.on(ADD, Reply({"overLimit": {"message": "slow"}}, 413, {"Retry-After": "55"}))
        with pytest.raises(Busy, match="add 1 record ") as raised:
            cloud.connect().dns.add_records("5", [wanted(1)])
        assert raised.value.retry_after == 55
