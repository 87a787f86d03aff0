"""The geometry of a chart of a rate over time: figures for an SVG, no drawing library."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

WIDTH = 760
HEIGHT = 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 12, 14, 30
_LINES = 4


@dataclass(frozen=True)
class Tick:
    at: int
    text: Decimal | date


@dataclass(frozen=True)
class Mark:
    x: int
    y: int
    day: date
    rate: Decimal


@dataclass(frozen=True)
class Chart:
    line: str  # The points of a polyline.
    marks: Sequence[Mark]  # What is in quarantine.
    rates: Sequence[Tick]
    days: Sequence[Tick]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = WIDTH - _RIGHT
    bottom: int = HEIGHT - _BOTTOM


def plot_rates(
    points: Sequence[tuple[date, Decimal]], *, marks: Sequence[tuple[date, Decimal]] = ()
) -> Chart | None:
    """Lay out rates by day, oldest first; None where there are too few for a line.

    The scale fits the line. A mark beyond it is drawn at the edge.
    """
    if len(points) < 2 or points[0][0] == points[-1][0]:
        return None
    first, last = points[0][0], points[-1][0]
    steps = _steps([rate for _, rate in points])
    low, high = steps[0], steps[-1]

    def x(day: date) -> int:
        share = Decimal((min(max(day, first), last) - first).days) / (last - first).days
        return round(_LEFT + share * (WIDTH - _LEFT - _RIGHT))

    def y(rate: Decimal) -> int:
        share = (min(max(rate, low), high) - low) / (high - low)
        return round(HEIGHT - _BOTTOM - share * (HEIGHT - _TOP - _BOTTOM))

    days = [first + (last - first) * part / _LINES for part in range(_LINES + 1)]
    return Chart(
        line=" ".join(f"{x(day)},{y(rate)}" for day, rate in points),
        marks=[Mark(x(day), y(rate), day, rate) for day, rate in marks],
        rates=[Tick(y(rate), rate) for rate in steps],
        days=[Tick(x(day), day) for day in dict.fromkeys(days)],
    )


def thin_out(
    points: Sequence[tuple[date, Decimal]], *, most: int
) -> Sequence[tuple[date, Decimal]]:
    """Keep at most so many points, evenly; the newest always."""
    if len(points) <= most:
        return points
    every = -(-len(points) // most)
    return points[::-1][::every][::-1]


def days_back(today: date, days: int | None) -> date:
    return date.min if days is None else today - timedelta(days=days)


def _steps(rates: Sequence[Decimal]) -> list[Decimal]:
    """Give round figures from below the lowest rate to above the highest."""
    low, high = min(rates), max(rates)
    spread = high - low or high / 100
    step = Decimal(1).scaleb((spread / _LINES).adjusted())
    for factor in (1, 2, 5, 10):
        if spread / (step * factor) <= _LINES:
            step *= factor
            break
    start = (low / step).to_integral_value(ROUND_FLOOR)
    end = max((high / step).to_integral_value(ROUND_CEILING), start + 1)
    return [step * n for n in range(int(start), int(end) + 1)]
