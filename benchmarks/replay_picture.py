"""The picture of a replay: one product's price over time, and changes by market."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

WIDTH, HEIGHT = 900, 520
LEFT, RIGHT, TOP = 60, 885, 40
LINES_BOTTOM, BARS_TOP, BARS_BOTTOM = 290, 350, 480

_STYLE = (
    "text{font:12px sans-serif;fill:#555}"
    ".t{font-weight:600;fill:#222}"
    ".target{stroke:#b9b2a6;stroke-width:1}"
    ".loose{stroke:#8aa6a3;stroke-width:1}"
    ".braked{stroke:#a3402a;stroke-width:2}"
    "path{fill:none}"
    "line{stroke:#ddd}"
    "rect.loose{fill:#8aa6a3;stroke:none}rect.braked{fill:#a3402a;stroke:none}"
)
Row = tuple[str, Decimal, Decimal]


def draw(
    rows: Sequence[Row], lines: Mapping[str, Sequence[tuple[date, Decimal]]], *, title: str
) -> str:
    """Draw an SVG; `rows` are markets with their changes a product and year, without and with."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f"<title>{title}: what brakes do to prices that follow rates</title>"
        f"<style>{_STYLE}</style>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
        f"{_lines(lines, title)}{_bars(rows)}</svg>\n"
    )


def _lines(lines: Mapping[str, Sequence[tuple[date, Decimal]]], title: str) -> str:
    points = [point for line in lines.values() for point in line]
    low, high = min(p[1] for p in points), max(p[1] for p in points)
    first, last = min(p[0] for p in points), max(p[0] for p in points)

    def x(day: date) -> str:
        return f"{LEFT + (RIGHT - LEFT) * (day - first).days / (last - first).days:.0f}"

    def y(amount: Decimal) -> str:
        return f"{LINES_BOTTOM - (LINES_BOTTOM - TOP) * float((amount - low) / (high - low)):.1f}"

    drawn = [f'<text class="t" x="{LEFT}" y="20">{title}: price by day</text>']
    for year in range(first.year, last.year + 1):
        at = x(date(year, 1, 1) if year > first.year else first)
        drawn.append(f'<line x1="{at}" x2="{at}" y1="{TOP}" y2="{LINES_BOTTOM}"/>')
        drawn.append(f'<text x="{at}" y="{LINES_BOTTOM + 16}">{year}</text>')
    drawn += [
        f'<text x="{LEFT - 6}" y="{y(amount)}" text-anchor="end">{amount:.0f}</text>'
        for amount in (low, high)
    ]
    drawn += [
        _path("target", lines["target"][::5], x, y, steps=False),
        _path("loose", lines["loose"], x, y, steps=True),
        _path("braked", lines["braked"], x, y, steps=True),
    ]
    for place, (kind, words) in enumerate(
        (("target", "target"), ("loose", "without brakes"), ("braked", "with brakes"))
    ):
        left = 560 + place * 110
        drawn.append(f'<path class="{kind}" d="M{left} 16h18"/>')
        drawn.append(f'<text x="{left + 23}" y="20">{words}</text>')
    return "".join(drawn)


def _path(
    kind: str,
    line: Sequence[tuple[date, Decimal]],
    x: Callable[[date], str],
    y: Callable[[Decimal], str],
    *,
    steps: bool,
) -> str:
    commands = f"M{x(line[0][0])} {y(line[0][1])}"
    known = line[0][1]
    for day, amount in line[1:]:
        if amount != known:
            at, height = x(day), y(amount)
            commands += f"H{at}V{height}" if steps else f"L{at} {height}"
            known = amount
    end = f"H{RIGHT}" if steps else ""
    return f'<path class="{kind}" d="{commands}{end}"/>'


def _bars(rows: Sequence[Row]) -> str:
    most = max(max(loose, braked) for _code, loose, braked in rows) or Decimal(1)
    pitch = (RIGHT - LEFT) / len(rows)
    heading = "Price changes a product and year, by market"
    drawn = [f'<text class="t" x="{LEFT}" y="{BARS_TOP - 15}">{heading}</text>']
    for place, (code, *both) in enumerate(rows):
        left = LEFT + place * pitch
        drawn.append(f'<text x="{left + 18:.0f}" y="{BARS_BOTTOM + 16}">{code}</text>')
        for kind, amount, shift in zip(("loose", "braked"), both, (6, 28), strict=True):
            height = (BARS_BOTTOM - BARS_TOP) * float(amount / most)
            drawn.append(
                f'<rect class="{kind}" x="{left + shift:.0f}" y="{BARS_BOTTOM - height:.1f}"'
                f' width="20" height="{height:.1f}"/>'
            )
            drawn.append(
                f'<text x="{left + shift + 10:.0f}" y="{BARS_BOTTOM - height - 3:.0f}"'
                f' text-anchor="middle" style="font-size:9px">{amount:.1f}</text>'
            )
    return "".join(drawn)
