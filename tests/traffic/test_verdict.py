"""What a traffic run promises, from values alone: each promise can be broken."""
from __future__ import annotations

from collections import Counter
from dataclasses import replace
from xml.etree import ElementTree

import pytest
import requests

from traffic.load import kind
from traffic.picture import picture
from traffic.run import HALVES, LOSES, RENEWED, STEADY, Counted, Look, Phase, Request, Run
from traffic.verdict import COLUMNS, promises, rows

LOST = "127.64.0.2:8080"
PHASES = (Phase(STEADY, 0, 10, 3), Phase(LOSES, 10, 20, 4), Phase(RENEWED, 20, 30, 4),
          Phase(HALVES, 30, 40, 2))


def served(*failed: Request, phases: tuple[Phase, ...] = PHASES) -> Run:
    """Ten requests in each second, and these that failed: those of the loss at the lost server."""
    good = tuple(Request(n / 10, 0.05) for n in range(400))
    everything = good + failed
    kinds = [each.failure for each in failed]
    places = Counter(LOST if 10 <= each.end < 20 else "127.64.0.3:8080" for each in failed)
    return Run(
        nodes=4, minimum=3, rate=10, requests=everything, phases=phases, lost=LOST,
        looks=tuple(Look(second + 0.5, servers=4, in_service=3) for second in range(40)),
        counted=Counted(len(everything), Counter(map(str, kinds)), places))


def broken(run: Run) -> str:
    return "; ".join(promise.sentence for promise in promises(run) if not promise.kept)


def test_a_run_without_failures_keeps_all_promises():
    assert broken(served()) == ""


@pytest.mark.parametrize("phase", [STEADY, RENEWED, HALVES])
def test_one_failed_request_breaks_a_phase_that_promises_none(phase):
    begin = next(each.begin for each in PHASES if each.name == phase)
    assert broken(served(Request(begin + 5, 0.1, "refused"))) == (
        f"{phase}: not one request failed")


def test_a_lost_server_may_cost_what_was_sent_to_it():
    run = served(Request(12, 0.1, "refused"), Request(9.5, 1, "cut"))
    assert broken(run) == ""
    assert f"{LOSES}: 2 requests failed, all of them sent to that server" in {
        promise.sentence for promise in promises(run)}


@pytest.mark.parametrize("failed_at", [
    {LOST: 1, "127.64.0.3:8080": 1}, {LOST: 1}, {LOST: 3}, {}])
def test_a_lost_server_may_cost_nothing_else(failed_at):
    run = served(Request(12, 0.1, "refused"), Request(13, 0.1, "refused"))
    run = replace(run, counted=replace(run.counted, failed_at=failed_at))
    assert "all of them sent to that server" in broken(run)


def test_a_request_belongs_to_the_phase_in_which_it_ended():
    assert broken(served(Request(19.9, 0.5, "cut"))).startswith(f"{RENEWED}: not one")
    assert [row[4] for row in rows(served())] == ["100", "100", "100", "100"]


@pytest.mark.parametrize(("least", "kept"), [(3, True), (2, False)])
def test_fewer_in_service_than_the_minimum_break_a_rolling_update(least, kept):
    run = served()
    run = replace(run, looks=(*run.looks, Look(25.1, 4, least)))
    assert (broken(run) == "") is kept


def test_fewer_than_the_minimum_may_serve_at_other_times():
    run = served()
    assert broken(replace(run, looks=(*run.looks, Look(35, 2, 2)))) == ""


def test_a_rolling_update_that_nobody_has_looked_at_shows_nothing():
    assert "never fewer than 3" in broken(replace(served(), looks=()))


@pytest.mark.parametrize("counted", [
    Counted(399), Counted(401), Counted(400, {"no_node": 1})])
def test_what_the_load_balancer_and_the_clients_count_is_the_same(counted):
    assert broken(replace(served(), counted=counted)) == (
        "the load balancer has counted what the clients have")


def test_what_an_application_refuses_is_no_failure_of_the_load_balancer():
    run = served(Request(5, 0.1, "overloaded"))
    run = replace(run, counted=Counted(401, {}, {}))
    assert broken(run) == f"{STEADY}: not one request failed"


def test_a_load_that_stops_shows_nothing():
    run = served()
    few = tuple(each for each in run.requests if not 7 <= each.at < 12)
    run = replace(run, requests=few, counted=Counted(len(few)))
    assert broken(run) == "and never stopped for 5 s"
    assert "the load was steady" in broken(replace(run, rate=100))


def test_the_table_says_for_each_phase_what_it_took_and_what_it_cost():
    run = served(Request(12, 0.3, "refused"), Request(13, 2.5, "cut"), Request(14, 0, "refused"))
    assert [len(row) for row in rows(run)] == [len(COLUMNS)] * len(PHASES)
    assert rows(run)[1] == [LOSES, "10.0", "4", "3", "103", "3 (1 cut, 2 refused)", "2.5"]
    assert rows(run)[0] == [STEADY, "10.0", "3", "3", "100", "0", "0.1"]


@pytest.mark.parametrize(("status", "headers", "expected"), [
    (200, {}, None),
    (502, {}, "cut"),
    (503, {}, "refused"),
    (503, {"X-Server-Id": "1"}, "overloaded"),
    (504, {}, "slow"),
    (404, {"X-Server-Id": "1"}, "status 404"),
    (301, {}, "status 301"),
])
def test_whatever_is_not_a_200_is_a_failure_and_has_a_name(status, headers, expected):
    answer = requests.Response()
    answer.status_code = status
    answer.headers.update(headers)
    assert kind(answer) == expected


def drawn(run: Run) -> ElementTree.Element:
    return ElementTree.fromstring(picture(run))


def texts(run: Run) -> set[str]:
    return {each.text or "" for each in drawn(run).iter() if each.tag.endswith("text")}


def bars(run: Run, colour: str) -> list[float]:
    """The heights of the bars of a colour that are higher than a legend's."""
    return [float(each.get("height", 0)) for each in drawn(run).iter()
            if each.tag.endswith("rect") and each.get("fill") == colour
            and float(each.get("height", 0)) > 4]


def test_the_picture_names_every_phase_and_everything_in_it():
    assert {phase.name for phase in PHASES} <= texts(served())
    assert {"requests", "failed", "in service", "draining", "servers", "minimum"} <= texts(served())


def test_the_picture_has_a_bar_for_each_second_with_failures_as_high_as_there_were_many():
    red = "#c03030"
    assert bars(served(), red) == []
    found = bars(served(Request(12, 0, "cut"), Request(15, 0, "cut"), Request(15, 0, "cut")), red)
    assert len(found) == 2
    assert found[1] == pytest.approx(2 * found[0], rel=0.05)


def test_nodes_that_stay_are_a_line_without_a_step():
    lines = [str(each.get("points")).split() for each in drawn(served()).iter()
             if each.tag.endswith("polyline") and each.get("stroke") == "#3a8a4a"]
    assert [len(points) for points in lines] == [2]


def test_nothing_is_drawn_beside_the_picture():
    run = served(Request(39.9, 0.5, "cut"))
    run = replace(run, looks=(*run.looks, Look(41, 4, 4)))
    points = [tuple(map(float, place.split(",")))
              for line in drawn(run).iter() if line.tag.endswith("polyline")
              for place in str(line.get("points")).split()]
    assert points
    assert all(0 <= x <= 1000 and 0 <= y <= 576 for x, y in points)


def test_an_empty_run_can_be_drawn():
    assert drawn(replace(served(), requests=(), looks=())).tag.endswith("svg")
