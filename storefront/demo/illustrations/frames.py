"""Frames that goods are set into: one good, a category's still life, the home page's shelf."""

from zlib import crc32

from .good import Good
from .palette import COLOURS, GROUNDS, INK, mix
from .shapes import AXIS, BASE, Pen

SIDE = 800
HORIZON = 566


def prefix_of(*parts: str | None) -> str:
    """Return an id prefix that differs between drawings and stays the same between runs."""
    return f"i{crc32('/'.join(part or '' for part in parts).encode()):x}-"


def frame(good: Good, *, key: str, category: str, colour: str | None, size: str | None) -> str:
    """Return a square picture of one good on its category's ground."""
    pen = Pen(prefix_of(key, colour, size))
    tint = GROUNDS[category]
    pen.add(f'<rect width="{SIDE}" height="{SIDE}" fill="{tint}"/>')
    if good.stance == "stands":
        lower = mix(tint, INK, share=0.055)
        pen.add(f'<rect y="{HORIZON}" width="{SIDE}" height="{SIDE - HORIZON}" fill="{lower}"/>')
    dx, dy = good.shift
    middle = BASE if good.stance == "stands" else AXIS
    set_down(pen, good, colour=colour, size=size, at=(AXIS + dx, middle + dy), scale=1)
    return sheet(pen, width=SIDE, height=SIDE)


def set_down(
    pen: Pen,
    good: Good,
    *,
    colour: str | None,
    size: str | None,
    at: tuple[float, float],
    scale: float,
) -> None:
    """Draw a good with its foot (its middle, if it does not stand) at a point of the sheet."""
    tone = COLOURS[colour or good.colour or "white"]
    factor = scale * good.scale * good.sizes.get(size or "", 1)
    middle = BASE if good.stance == "stands" else AXIS
    x, y = at[0] - AXIS * factor, at[1] - middle * factor
    with pen.moved(f"translate({x:g} {y:g}) scale({factor:g})"):
        good.draw(pen, tone, size or "")


def sheet(pen: Pen, *, width: int, height: int) -> str:
    """Return the finished SVG document."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img">{pen.svg()}</svg>'
    )
