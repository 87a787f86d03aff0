"""The pen that all goods are drawn with: same light, same shadow, same line."""

from collections.abc import Iterator
from contextlib import contextmanager

from .palette import INK, Tones

# Standing goods rest on this line; everything is centred on AXIS.
BASE = 640
AXIS = 400

Segment = tuple[float, float] | tuple[float, float, float, float, float, float]


def turned(*profile: Segment, axis: float = AXIS) -> str:
    """Return the outline of a turned body from its right-hand profile, top to bottom.

    A segment is (radius, y) for a straight line or a cubic with radii in place of x.
    """
    first, *rest = profile
    points = [(first[0], first[1])]
    curved: list[bool] = []
    for segment in rest:
        points.extend((segment[i], segment[i + 1]) for i in range(0, len(segment), 2))
        curved.append(len(segment) == 6)
    right = _trace(points, curved, axis=axis, side=1)
    left = _trace(points[::-1], curved[::-1], axis=axis, side=-1)
    return f"M{right}L{left}Z"


def _trace(points: list[tuple[float, float]], curved: list[bool], *, axis: float, side: int) -> str:
    placed = [f"{axis + side * radius:g} {y:g}" for radius, y in points]
    out, at = placed[0], 1
    for is_curve in curved:
        step = 3 if is_curve else 1
        out += ("C" if is_curve else "L") + " ".join(placed[at : at + step])
        at += step
    return out


def block(x: float, y: float, width: float, height: float, *, round_by: float = 0) -> str:
    """Return the outline of a rectangle, its corners rounded by `round_by`."""
    r, w, h = round_by, width - 2 * round_by, height - 2 * round_by
    if not r:
        return f"M{x:g} {y:g}h{width:g}v{height:g}h{-width:g}Z"
    arc = f"a{r:g} {r:g} 0 0 1 "
    return (
        f"M{x + r:g} {y:g}h{w:g}{arc}{r:g} {r:g}v{h:g}{arc}{-r:g} {r:g}"
        f"h{-w:g}{arc}{-r:g} {-r:g}v{-h:g}{arc}{r:g} {-r:g}Z"
    )


def disc(cx: float, cy: float, radius: float) -> str:
    """Return the outline of a circle."""
    r = f"{radius:g}"
    return (
        f"M{cx - radius:g} {cy:g}a{r} {r} 0 1 1 {2 * radius:g} 0a{r} {r} 0 1 1 {-2 * radius:g} 0Z"
    )


class Pen:
    """Collect the SVG of one drawing; `prefix` keeps its ids apart from other drawings'."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix
        self._clips = 0
        self._parts: list[str] = []

    def svg(self) -> str:
        """Return what was drawn so far."""
        return "".join(self._parts)

    def add(self, markup: str) -> None:
        """Put finished markup into the drawing."""
        self._parts.append(markup)

    def path(self, d: str, fill: str, *, opacity: float = 1, turn: str = "") -> None:
        """Fill an outline."""
        extra = f' opacity="{opacity:g}"' if opacity != 1 else ""
        extra += f' transform="{turn}"' if turn else ""
        self.add(f'<path d="{d}" fill="{fill}"{extra}/>')

    def line(
        self, d: str, colour: str, *, width: float = 3, opacity: float = 1, dash: str = ""
    ) -> None:
        """Draw along a path with round ends."""
        extra = f' opacity="{opacity:g}"' if opacity != 1 else ""
        extra += f' stroke-dasharray="{dash}"' if dash else ""
        self.add(
            f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}" '
            f'stroke-linecap="round" stroke-linejoin="round"{extra}/>'
        )

    def dot(self, cx: float, cy: float, radius: float, fill: str) -> None:
        """Fill a circle."""
        self.add(f'<circle cx="{cx:g}" cy="{cy:g}" r="{radius:g}" fill="{fill}"/>')

    def oval(
        self, cx: float, cy: float, rx: float, ry: float, fill: str, *, opacity: float = 1
    ) -> None:
        """Fill an ellipse."""
        extra = f' opacity="{opacity:g}"' if opacity != 1 else ""
        self.add(f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{extra}/>')

    def shadow(self, cx: float, radius: float, *, y: float = BASE) -> None:
        """Set the contact shadow of something that stands, light coming from the upper left."""
        self.oval(cx + radius * 0.09, y, radius * 1.07, 13, INK, opacity=0.16)

    def cast(self, d: str, *, by: float = 14) -> None:
        """Cast an outline on the surface right behind it, for what lies or hangs."""
        self.path(d, INK, opacity=0.13, turn=f"translate({by:g} {by * 1.15:g})")

    @contextmanager
    def within(self, d: str) -> Iterator[None]:
        """Keep everything drawn in this block inside an outline."""
        self._clips += 1
        name = f"{self._prefix}{self._clips}"
        self.add(f'<clipPath id="{name}"><path d="{d}"/></clipPath><g clip-path="url(#{name})">')
        yield
        self.add("</g>")

    @contextmanager
    def solid(self, d: str, tone: Tones, *, shade: float = 26, drop: float = 0) -> Iterator[None]:
        """Draw a body with its shade on the right; what follows stays inside its outline."""
        with self.within(d):
            self.path(d, tone.shade)
            self.path(d, tone.base, turn=f"translate({-shade:g} {-drop:g})")
            yield

    def body(self, d: str, tone: Tones, *, shade: float = 26, drop: float = 0) -> None:
        """Draw a body with its shade and nothing on it."""
        with self.solid(d, tone, shade=shade, drop=drop):
            pass

    @contextmanager
    def moved(self, transform: str) -> Iterator[None]:
        """Draw under an SVG transform."""
        self.add(f'<g transform="{transform}">')
        yield
        self.add("</g>")

    def tube(self, d: str, tone: Tones, *, width: float) -> None:
        """Draw a bent rod, lit from above left."""
        self.line(d, tone.shade, width=width)
        with self.moved(f"translate({-width * 0.1:g} {-width * 0.12:g})"):
            self.line(d, tone.base, width=width * 0.74)
        with self.moved(f"translate({-width * 0.2:g} {-width * 0.2:g})"):
            self.line(d, tone.light, width=max(width * 0.16, 2), opacity=0.8)

    def leaf(self, x: float, y: float, length: float, angle: float, tone: Tones) -> None:
        """Draw a leaf that grows from (x, y); 0 degrees points up."""
        n, w = length, length * 0.3
        with self.moved(f"translate({x:g} {y:g}) rotate({angle:g})"):
            self.path(f"M0 0C{-w:g} {-n * 0.3:g} {-w:g} {-n * 0.7:g} 0 {-n:g}Z", tone.light)
            self.path(f"M0 0C{w:g} {-n * 0.3:g} {w:g} {-n * 0.7:g} 0 {-n:g}Z", tone.base)
