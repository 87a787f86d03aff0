"""Light and decoration: the drawings."""

from .good import Good
from .palette import BRASS, COLOURS, GLOW, INK, LEAF, LEATHER, OAK, OXIDE, PAPER, WAX, Tones
from .shapes import Pen, block, disc, turned


def desk_lamp(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(430, 116)
    pen.path("M176 264L364 348L372 640H72Z", GLOW, opacity=0.42)
    pen.tube("M440 620L572 404", tone, width=16)
    pen.tube("M572 404L338 190", tone, width=16)
    pen.dot(572, 404, 20, BRASS.shade)
    pen.dot(569, 401, 14, BRASS.base)
    base = turned((28, 604), (90, 606, 110, 618, 114, 640), axis=436)
    with pen.solid(base, tone, shade=34):
        pen.line("M352 624C370 612 392 610 412 610", tone.light, width=6)
    pen.dot(266, 310, 32, "#FFF6DA")
    with pen.moved("translate(302 232) rotate(24)"):
        shade = (
            "M-30 -44H30C36 -44 40 -40 42 -30C52 10 76 50 104 76H-104C-76 50 -52 10 -42 -30"
            "C-40 -40 -36 -44 -30 -44Z"
        )
        with pen.solid(shade, tone, shade=36):
            pen.path("M-34 -44H-14C-22 0 -40 50 -62 76H-92C-66 50 -44 0 -34 -44Z", tone.light)
        pen.path(block(-106, 70, 212, 11, round_by=5), tone.line)
        pen.body(block(-18, -74, 36, 34, round_by=8), tone, shade=12)
    pen.dot(340, 192, 15, BRASS.shade)
    pen.dot(338, 189, 10, BRASS.base)


def paper_lantern(pen: Pen, tone: Tones, size: str) -> None:
    pen.line("M400 -400V150", INK, width=5)
    globe = (
        "M344 168C220 196 148 280 148 396C148 512 226 600 344 628H456C574 600 652 512 652 396"
        "C652 280 580 196 456 168Z"
    )
    pen.cast(globe, by=20)
    with pen.solid(globe, Tones("#FFFDF4", "#FAF0D8", "#E4D3AE", "#B9A477"), shade=44, drop=12):
        pen.oval(378, 388, 188, 170, GLOW, opacity=0.55)
        pen.path(
            "M196 380C200 300 250 236 330 212C280 262 250 320 246 400C244 470 268 530 306 574"
            "C236 536 192 470 196 380Z",
            "#FFFDF4",
            opacity=0.85,
        )
        ribs = "".join(
            f"M140 {y}C280 {y + bend} 520 {y + bend} 660 {y}"
            for y, bend in (
                (206, -14),
                (240, -14),
                (276, -12),
                (314, -8),
                (354, -4),
                (396, 0),
                (438, 4),
                (478, 8),
                (516, 12),
                (552, 14),
                (586, 14),
            )
        )
        pen.line(ribs, "#B9A477", width=2.5, opacity=0.8)
    pen.body(block(340, 150, 120, 24, round_by=4), OAK, shade=30)
    pen.body(block(340, 622, 120, 20, round_by=4), OAK, shade=30)


def beeswax_candles(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 204)
    for pair in range(3):
        x = 227 + pair * 138
        pen.line(f"M{x} 190C{x} 100 {x + 69} 100 {x + 69} 190", "#8C7A55", width=6)
        for axis in (x, x + 69):
            taper = turned(
                (6, 176),
                (16, 190, 22, 230, 24, 320),
                (30, 620),
                (30, 634, 26, 640, 20, 640),
                axis=axis,
            )
            with pen.solid(taper, WAX, shade=18):
                pen.path(f"M{axis - 14} 240L{axis - 4} 240L{axis - 12} 640H{axis - 24}Z", WAX.light)
    band = "M196 414H604V486H196Z"
    with pen.solid(band, COLOURS["teal"], shade=30):
        pen.path("M198 414H602V422H198Z", COLOURS["teal"].light)
    pen.dot(400, 450, 24, PAPER)
    pen.path("M400 434c10 12 12 16 12 22a12 12 0 0 1 -24 0c0 -6 2 -10 12 -22Z", WAX.shade)


def ceramic_vase(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 92)
    pen.line(
        "M404 330C400 250 430 190 470 118M412 256C380 220 356 190 346 148M434 196"
        "C464 184 490 180 516 184",
        LEAF.line,
        width=5,
    )
    for x, y, angle in (
        (470, 122, 24),
        (452, 158, -40),
        (346, 152, -16),
        (364, 198, -74),
        (378, 222, 30),
        (512, 184, 84),
        (480, 184, 150),
        (440, 190, 60),
        (410, 270, 62),
        (424, 222, -50),
    ):
        pen.leaf(x, y, 54, angle, LEAF)
    vase = turned(
        (44, 316),
        (46, 330, 32, 346, 34, 364),
        (40, 400, 148, 420, 148, 510),
        (148, 580, 110, 622, 80, 640),
    )
    with pen.solid(vase, tone, shade=40, drop=10):
        pen.path(
            "M286 500C290 456 330 434 354 420C326 460 310 500 318 560C296 548 284 524 286 500Z",
            tone.light,
        )
        pen.line("M374 330C378 346 374 360 370 372", tone.light, width=6)
        pen.line(
            "M240 520C340 534 460 534 560 520M240 532C340 546 460 546 560 532",
            tone.line,
            width=3,
            opacity=0.5,
        )
    pen.line("M358 317H442", tone.line, width=7)


def wall_clock(pen: Pen, tone: Tones, size: str) -> None:
    pen.cast(disc(400, 400, 256), by=18)
    with pen.solid(disc(400, 400, 256), OAK, shade=12, drop=12):
        pen.line("M190 300A230 230 0 0 1 320 184", OAK.light, width=16)
        pen.line(
            "M176 460A232 232 0 0 0 380 630M480 620A232 232 0 0 0 622 470M500 192"
            "A232 232 0 0 1 600 290",
            OAK.line,
            width=2.5,
            opacity=0.6,
        )
    pen.path(disc(400, 400, 212), OAK.line)
    with pen.solid(
        disc(403, 403, 208), Tones("#FFFFFF", PAPER, "#E2DBCD", INK), shade=-12, drop=-12
    ):
        for hour in range(12):
            long = 26 if hour % 3 == 0 else 12
            pen.path(f"M396 212h8v{long}h-8Z", INK, turn=f"rotate({hour * 30} 403 403)")
    pen.path("M393 430V286h16V430Z", INK, turn="rotate(-56 403 403)")
    pen.path("M396 440V226h11V440Z", INK, turn="rotate(58 403 403)")
    pen.path("M401 462V222h4V462Z", OXIDE, turn="rotate(196 403 403)")
    pen.dot(403, 403, 14, INK)
    pen.dot(403, 403, 6, OXIDE)


def round_mirror(pen: Pen, tone: Tones, size: str) -> None:
    pen.path(
        "M316 292L392 150H408L484 292L462 300L400 184L338 300Z",
        INK,
        opacity=0.13,
        turn="translate(14 16)",
    )
    pen.cast(disc(400, 448, 218), by=18)
    pen.line("M300 272L400 142L500 272", LEATHER.base, width=18)
    pen.line("M296 270L396 138", LEATHER.light, width=4)
    pen.dot(400, 142, 18, BRASS.shade)
    pen.dot(397, 139, 13, BRASS.base)
    pen.body(disc(400, 448, 218), BRASS, shade=8, drop=8)
    pen.line("M206 400A200 200 0 0 1 352 246", BRASS.light, width=7)
    with pen.solid(
        disc(400, 448, 196), Tones("#FFFFFF", "#E3ECEE", "#C2D0D4", INK), shade=-14, drop=-14
    ):
        pen.path(
            "M150 560L440 200H520L190 640ZM250 680L590 250H614L290 700Z", "#FFFFFF", opacity=0.85
        )
    pen.line(disc(400, 448, 196), BRASS.line, width=3)


GOODS = {
    "desk-lamp": Good(desk_lamp, colour="oxide", scale=1.06, shift=(24, 18)),
    "paper-lantern": Good(paper_lantern, "hangs", sizes={"medium": 0.76, "large": 1}),
    "beeswax-candles": Good(beeswax_candles, shift=(0, 16)),
    "ceramic-vase": Good(ceramic_vase, colour="celadon", shift=(-4, 30), scale=1.04),
    "wall-clock": Good(wall_clock, "hangs"),
    "round-mirror": Good(round_mirror, "hangs", sizes={"small": 0.74, "large": 1.04}),
}
