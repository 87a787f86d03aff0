"""Pantry: the drawings."""

from .good import Good
from .palette import (
    AMBER,
    BOTTLE,
    BRASS,
    CHOCOLATE,
    COLOURS,
    KRAFT,
    LEAF,
    OAK,
    OXIDE,
    PAPER,
    Tones,
)
from .shapes import Pen, block, turned

WHITE = COLOURS["white"]
TEAL = COLOURS["teal"]


def sencha(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 150)
    pouch = "M274 216H526L540 300C546 420 546 520 538 640H262C254 520 254 420 260 300Z"
    with pen.solid(pouch, LEAF, shade=30):
        pen.path("M288 210H318C300 380 302 500 306 640H280C274 500 276 380 288 210Z", LEAF.light)
    with pen.solid("M268 152H532V222H268Z", LEAF, shade=30):
        pen.path("M268 152H532V164H268Z", LEAF.light)
    pen.line("M268 222H532", LEAF.line, width=5)
    pen.path(block(324, 282, 152, 282), PAPER)
    pen.dot(400, 378, 50, OXIDE)
    pen.leaf(400, 414, 70, 0, Tones("#FFFFFF", PAPER, PAPER, PAPER))
    pen.line("M352 466H448M366 490H434M378 514H422", LEAF.line, width=6)
    pen.line(
        "M214 632l44 -12M230 640l60 -4M196 640l26 -2M276 634l34 8M246 622l20 14M300 640l36 -6",
        LEAF.line,
        width=9,
    )
    pen.line("M222 638l40 -10M262 640l40 2M284 626l18 12", LEAF.base, width=7)


def coffee_beans(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 150)
    bag = "M268 196H532L542 330V620C542 636 536 640 526 640H274C264 640 258 636 258 620V330Z"
    with pen.solid(bag, KRAFT, shade=44):
        pen.path("M278 190H306L300 640H272Z", KRAFT.light)
        pen.line("M512 200C498 340 502 500 510 640", KRAFT.line, width=3, opacity=0.6)
    pen.body(block(262, 150, 276, 56, round_by=4), KRAFT, shade=44)
    pen.path(block(250, 184, 300, 18, round_by=6), OXIDE)
    pen.path(block(310, 286, 166, 236), CHOCOLATE.base)
    pen.path(block(310, 286, 166, 10), OXIDE)
    _bean(pen, 393, 400, 56, 24, light=KRAFT.light, dark=CHOCOLATE.base)
    pen.line("M352 488H434", KRAFT.light, width=6)
    for x, y, turn in ((568, 614, 70), (614, 622, -60), (590, 586, 20)):
        _bean(pen, x, y, 27, turn, light=CHOCOLATE.base, dark="#C6A77C")


def _bean(
    pen: Pen, x: float, y: float, length: float, turn: float, *, light: str, dark: str
) -> None:
    n = length
    with pen.moved(f"translate({x} {y}) rotate({turn})"):
        pen.oval(0, 0, n * 0.68, n, light)
        pen.line(
            f"M0 {-n * 0.85:g}C{-n * 0.4:g} {-n * 0.3:g} {n * 0.4:g} {n * 0.3:g} 0 {n * 0.85:g}",
            dark,
            width=n * 0.13,
        )


def wildflower_honey(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 158)
    jar = turned(
        (112, 268), (150, 280, 166, 310, 166, 350), (166, 590), (166, 622, 150, 640, 122, 640)
    )
    with pen.solid(jar, AMBER, shade=40, drop=6):
        pen.path("M254 320C258 300 270 290 284 284V628C262 616 254 600 254 580Z", AMBER.light)
        pen.path("M230 640V622H560V640Z", AMBER.shade)
    pen.path(block(268, 366, 264, 178), PAPER)
    for dx, dy in ((0, 0), (52, 30), (-52, 30), (0, 60), (52, 90), (-52, 90)):
        x, y = 400 + dx, 390 + dy
        if dy == 90:
            continue
        pen.path(f"M{x - 33} {y}l16 -28h34l16 28l-16 28h-34Z", AMBER.base if dx else BRASS.light)
    pen.line("M320 516H480", AMBER.shade, width=6)
    lid = block(276, 196, 248, 76, round_by=10)
    with pen.solid(lid, BRASS, shade=40):
        pen.path(block(296, 190, 26, 90), BRASS.light)
        pen.line("M270 252H530", BRASS.line, width=3, opacity=0.6)


def olive_oil(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 98)
    bottle = turned(
        (32, 176),
        (32, 290),
        (36, 340, 102, 350, 104, 410),
        (104, 622),
        (104, 634, 98, 640, 88, 640),
    )
    with pen.solid(bottle, BOTTLE, shade=32):
        pen.path(
            "M312 420C316 386 340 368 360 350C376 336 380 310 380 180H392C394 330 384 350 370 366"
            "C346 386 336 400 336 430V640H312Z",
            BOTTLE.light,
        )
    pen.path(block(296, 420, 208, 164), PAPER)
    pen.path(block(470, 420, 34, 164), WHITE.shade)
    pen.line("M340 556C380 530 420 490 452 446", LEAF.line, width=4)
    for x, y, angle in (
        (368, 540, -70),
        (396, 516, -64),
        (424, 486, -58),
        (380, 532, 130),
        (410, 502, 134),
        (448, 452, 30),
    ):
        pen.leaf(x, y, 44, angle, LEAF)
    pen.oval(386, 552, 12, 16, "#4A4A2C")
    pen.oval(432, 508, 11, 15, "#4A4A2C")
    pen.body(block(360, 128, 80, 62, round_by=6), COLOURS["ink"], shade=22)
    pen.path(block(372, 134, 10, 50), "#455562")
    pen.path(block(364, 190, 72, 14), BRASS.base)


def sea_salt(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 150)
    with pen.solid(block(268, 196, 264, 444, round_by=4), WHITE, shade=42):
        pen.path("M268 196H300V640H268Z", "#FFFFFF")
        pen.path("M260 470H540V650H260Z", TEAL.base)
        pen.path("M490 470H540V650H490Z", TEAL.shade)
        pen.path("M260 470H300V650H260Z", TEAL.light)
        for y in (506, 546, 586):
            pen.line(f"M240 {y}" + "q20 -26 40 0t40 0" * 4, PAPER, width=7)
        pen.dot(400, 356, 62, TEAL.base)
        # A crystal of salt: the hollow pyramid that forms on the pan.
        pen.path("M400 312L438 384H362Z", PAPER)
        pen.path("M400 312L438 384H400Z", WHITE.shade)
        pen.line("M376 358H424M386 338H414", TEAL.base, width=4)
    with pen.solid("M268 196L290 148H510L532 196Z", WHITE, shade=36):
        pen.path("M290 148H510L514 158H286Z", "#FFFFFF")
    pen.line("M268 197H532", WHITE.line, width=4)
    pen.path("M556 640C578 602 604 584 626 594C656 604 676 626 690 640Z", "#FFFFFF")
    pen.path("M626 594C656 604 676 626 690 640H634C642 622 638 606 626 594Z", WHITE.shade)
    pen.line("M596 620l12 6M622 612l8 10M650 630l10 4", WHITE.line, width=3)
    pen.path("M540 640l10 -14l10 14ZM700 640l8 -12l9 12Z", "#FFFFFF")


def dark_chocolate(pen: Pen, tone: Tones, size: str) -> None:
    bar = block(266, 130, 268, 300, round_by=6)
    sleeve = "M252 348H548V672H252Z"
    foil = (
        "M256 352L262 306L290 322L318 300L346 320L376 302L408 322L440 300L470 322"
        "L502 302L530 318L544 352Z"
    )
    with pen.moved("rotate(8 400 400)"):
        pen.cast(bar + sleeve)
        with pen.solid(bar, CHOCOLATE, shade=10, drop=10):
            for row in range(3):
                for column in range(3):
                    x, y = 272 + column * 88, 138 + row * 84
                    pen.path(block(x, y, 80, 76, round_by=4), CHOCOLATE.light)
                    pen.path(block(x + 8, y + 8, 72, 68, round_by=4), CHOCOLATE.shade)
                    pen.path(block(x + 8, y + 8, 64, 60, round_by=3), CHOCOLATE.base)
        pen.path(foil, "#D8DCDD")
        pen.path("M318 300L346 320L340 352H306ZM440 300L470 322L466 352H430Z", "#F4F6F6")
        with pen.solid(sleeve, COLOURS["oxide"], shade=22):
            pen.path("M252 348H278V672H252Z", COLOURS["oxide"].light)
            pen.path("M240 590H560V606H240ZM240 616H560V622H240Z", BRASS.base)
        pen.path(block(330, 402, 140, 140), PAPER)
        pen.oval(400, 472, 30, 52, OAK.base)
        pen.line(
            "M400 420V524M386 428C376 458 376 488 386 516M414 428C424 458 424 488 414 516",
            CHOCOLATE.light,
            width=4,
        )
        pen.line("M400 420q2 -10 10 -12", CHOCOLATE.light, width=5)


GOODS = {
    "sencha": Good(sencha, shift=(6, 16), scale=1.02),
    "coffee-beans": Good(coffee_beans, shift=(-20, 16), scale=1.02),
    "wildflower-honey": Good(wildflower_honey, scale=1.1, shift=(0, 12)),
    "olive-oil": Good(olive_oil, scale=1.04, shift=(0, 22)),
    "sea-salt": Good(sea_salt, scale=1.02, shift=(-34, 16)),
    "dark-chocolate": Good(dark_chocolate, "lies"),
}
