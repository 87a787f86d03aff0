"""The picture of replayed orders: what each way of routing needs, side by side."""

from collections.abc import Mapping

WIDTH, HEIGHT = 900, 230
LEFT, TOP, PITCH, ROW = 150, 60, 250, 38
_STYLE = (
    "text{font:12px sans-serif;fill:#555}"
    ".t{font-weight:600;fill:#222}"
    "rect.other{fill:#8aa6a3}rect.planner{fill:#a3402a}"
)
# Heading, and how a figure is written.
_PANELS = (
    ("Parcels an order", "{:.2f}"),
    ("EUR an order", "{:.2f}"),
    ("Promise kept, %", "{:.1f}"),
)


def draw(rows: Mapping[str, tuple[float, float, float]], *, orders: int) -> str:
    """Draw an SVG; `rows` are by way of routing: parcels, EUR, and percent of promises kept."""
    title = f"{orders:,} orders from five warehouses"
    drawn = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        f"<title>{title}: the planner and three rules</title><style>{_STYLE}</style>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        f'<text class="t" x="15" y="22">{title}</text>',
    ]
    for place, name in enumerate(rows):
        drawn.append(f'<text x="15" y="{TOP + place * ROW + 19}">{name}</text>')
    for column, (heading, form) in enumerate(_PANELS):
        left = LEFT + column * PITCH
        drawn.append(f'<text class="t" x="{left}" y="{TOP - 12}">{heading}</text>')
        most = max(row[column] for row in rows.values())
        for place, (name, row) in enumerate(rows.items()):
            width = (PITCH - 70) * row[column] / most
            top = TOP + place * ROW
            kind = "planner" if place == 0 else "other"
            drawn.append(
                f'<rect class="{kind}" x="{left}" y="{top}" width="{width:.1f}" height="26">'
                f"<title>{name}</title></rect>"
                f'<text x="{left + width + 6:.1f}" y="{top + 18}">{form.format(row[column])}</text>'
            )
    return "".join(drawn) + "</svg>\n"
