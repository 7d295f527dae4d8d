"""The picture of a run: requests and failures above, nodes below, the phases as bands."""
from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from html import escape
from typing import Iterable, Sequence

from traffic.run import RENEWED, Run

WIDTH, HEIGHT = 1000, 576
LEFT, RIGHT, TOP = 60, 20, 76
PANEL = 190
GAP = 50
INK, PALE, BLUE, RED, GREEN, ORANGE, PURPLE = (
    "#333333", "#f3f3f3", "#4878a8", "#c03030", "#3a8a4a", "#d08a20", "#8050a0")
LEGEND = ((BLUE, "requests"), (RED, "failed"), (GREEN, "in service"), (ORANGE, "draining"),
          (INK, "servers"), (PURPLE, "minimum"))


@dataclass(frozen=True)
class Panel:
    """A part of the picture with a scale of its own: from values to places."""

    top: float
    longest: float
    highest: float

    def x(self, at: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * at / self.longest

    def y(self, value: float) -> float:
        return self.top + PANEL * (1 - value / self.highest)

    def line(self, points: Iterable[tuple[float, float]], colour: str, width: float = 1.5) -> str:
        places = " ".join(f"{self.x(at):.1f},{self.y(value):.1f}"
                          for at, value in points if at <= self.longest)
        return (f'<polyline points="{places}" fill="none" stroke="{colour}" '
                f'stroke-width="{width}"/>')

    def bar(self, second: int, value: float, colour: str) -> str:
        left, top = self.x(second), self.y(value)
        return (f'<rect x="{left:.1f}" y="{top:.1f}" width="{self.x(second + 1) - left:.1f}" '
                f'height="{self.top + PANEL - top:.1f}" fill="{colour}"/>')

    def scale(self, title: str) -> list[str]:
        """Its name, and lines with numbers beside them."""
        step = _step(self.highest)
        lines = [_text(LEFT, self.top - 8, title)]
        for tick in range(0, int(self.highest) + 1, step):
            y = self.y(tick)
            lines.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" '
                         f'stroke="{INK}" stroke-opacity="0.15"/>')
            lines.append(_text(LEFT - 6, y + 4, str(tick), "end"))
        return lines


def picture(run: Run) -> str:
    """An SVG of the whole run."""
    longest = max(phase.end for phase in run.phases)
    ended = Counter(int(each.end) for each in run.requests)
    failed = Counter(int(each.end) for each in run.requests if each.failure)
    most = max([look.servers for look in run.looks] + [run.nodes])
    upper = Panel(TOP, longest, max([*ended.values(), 1]) * 1.1)
    lower = Panel(TOP + PANEL + GAP, longest, most + 1)
    parts = [*_bands(run, upper), *upper.scale("requests a second"),
             *_traffic(upper, ended, failed), *lower.scale("nodes"), *_nodes(run, lower),
             *_seconds(lower)]
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *parts, *_legend(),
        "</svg>", ""])


def _bands(run: Run, panel: Panel) -> list[str]:
    """Each phase, every other one shaded, with its name above: two lines, for some are short."""
    parts = []
    for number, phase in enumerate(run.phases):
        left, right = panel.x(phase.begin), panel.x(phase.end)
        if number % 2:
            parts.append(f'<rect x="{left:.1f}" y="{TOP}" width="{right - left:.1f}" '
                         f'height="{2 * PANEL + GAP}" fill="{PALE}"/>')
        parts.append(_text(left, TOP - 52 + 18 * (number % 2), phase.name))
    return parts


def _traffic(panel: Panel, ended: Counter[int], failed: Counter[int]) -> list[str]:
    last = max(ended, default=0)
    line = panel.line([(second + 0.5, ended[second]) for second in range(last + 1)], BLUE)
    return [line, *(panel.bar(second, count, RED) for second, count in sorted(failed.items()))]


def _nodes(run: Run, panel: Panel) -> list[str]:
    looks = [look for look in run.looks if look.at <= panel.longest]
    parts = [panel.line(_stairs([(look.at, look.servers) for look in looks]), INK, 0.7),
             panel.line(_stairs([(look.at, look.draining) for look in looks]), ORANGE),
             panel.line(_stairs([(look.at, look.in_service) for look in looks]), GREEN, 2)]
    return parts + [panel.line([(phase.begin, run.minimum), (phase.end, run.minimum)], PURPLE)
                    for phase in run.phases if phase.name == RENEWED]


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """A value stays until a look sees another one."""
    steps = list(points[:1])
    for (_, before), (at, value) in zip(points, points[1:]):
        if value != before:
            steps += [(at, before), (at, value)]
    return [*steps, *points[-1:]]


def _seconds(panel: Panel) -> list[str]:
    step = _step(panel.longest)
    bottom = panel.top + PANEL + 16
    return [_text(panel.x(at), bottom, f"{at} s", "middle")
            for at in range(0, int(panel.longest) + 1, step)]


def _legend() -> list[str]:
    y, parts, x = HEIGHT - 16, [], LEFT
    for colour, word in LEGEND:
        parts.append(f'<rect x="{x}" y="{y - 9}" width="18" height="4" fill="{colour}"/>')
        parts.append(_text(x + 24, y - 3, word))
        x += 150
    return parts


def _step(highest: float) -> int:
    """A round number of which four to eight fit."""
    steps = (1, 2, 5, 10, 20, 50, 100, 200, 500)
    return next((step for step in steps if highest / step <= 8), 1000)


def _text(x: float, y: float, words: str, anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" fill="{INK}" text-anchor="{anchor}">'
            f'{escape(words)}</text>')
