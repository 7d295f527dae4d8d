"""The benches at their smallest: they run, they tabulate, and what they promise is so."""
from __future__ import annotations

import pytest

from benchmarks import capacity, expansion, governor, healing, live, planning, schedules, stopwatch
from benchmarks.__main__ import main
from benchmarks.report import Promise, Report, ratio

SMALLEST = {
    "capacity": lambda: capacity.bench((1, 2), (20,)),
    "live": lambda: live.bench((1,), build=0.5),
    "expansion": lambda: expansion.bench((1, 20)),
    "governor": lambda: governor.bench((3, 7), (3,)),
    "schedules": lambda: schedules.bench((10, 20)),
    "planning": lambda: planning.bench((4, 8)),
    "healing": lambda: healing.bench((2, 3)),
}


@pytest.mark.parametrize("name", SMALLEST)
def test_a_bench_keeps_its_promises_and_tabulates_them(name, monkeypatch):
    monkeypatch.setattr(stopwatch, "ENOUGH", 0)
    report = SMALLEST[name]()
    assert report.broken == []
    assert {len(row) for row in report.rows} == {len(report.columns)}


def test_every_bench_is_tried_here(capsys):
    assert main(["no such bench"]) == 2
    assert f"there are {', '.join(SMALLEST)}." in capsys.readouterr().err


def test_a_promise_that_is_broken_is_named_and_fails_the_run(monkeypatch, capsys):
    broken = Report("Title", ["a"], [["1"]], [Promise("never more than 2", False)])
    monkeypatch.setattr("benchmarks.__main__.BENCHES", {"bad": lambda: broken})
    assert main([]) == 1
    shown = capsys.readouterr()
    assert "BROKEN: never more than 2" in shown.out
    assert "bad: never more than 2" in shown.err


def test_more_than_two_load_balancer_changes_break_the_promise(monkeypatch):
    """A bench that can't fail shows nothing."""
    monkeypatch.setitem(expansion.KINDS, "load balancer changes", ("GET", r"/loadbalancers/"))
    assert "at most 2 changes of the load balancer and 2 of DNS" in expansion.bench((1,)).broken


@pytest.mark.parametrize(("value", "text"), [
    (0.934, "x0.93"), (1, "x1.00"), (9.996, "x10.0"), (53.2, "x53.2"), (214.7, "x215")])
def test_ratios_read_alike_whatever_their_size(value, text):
    assert ratio(value) == text
