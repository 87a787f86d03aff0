"""Table: the drawings."""

from .good import Good
from .palette import CLAY, COLOURS, INK, KRAFT, OAK, OXIDE, Tones
from .shapes import Pen, disc, turned

WATER = "#7FB3BD"
EDGE = "#6F8C98"


def dinner_plate(pen: Pen, tone: Tones, size: str) -> None:
    pen.cast(disc(400, 400, 262), by=18)
    with pen.solid(disc(400, 400, 262), tone, shade=10, drop=10):
        pen.path(disc(400, 400, 178), tone.shade)
        pen.path(disc(408, 408, 172), tone.base)
        pen.path("M168 330A242 242 0 0 1 340 166L350 190A214 214 0 0 0 194 344Z", tone.light)
        pen.path("M466 540A158 158 0 0 0 556 438L566 446A172 172 0 0 1 470 556Z", tone.light)
        specks = "M300 300h0M352 474h0M470 330h0M430 250h0M520 420h0M260 420h0M380 380h0M420 520h0"
        pen.line(
            specks + "M330 210h0M590 300h0M620 430h0M220 520h0M430 610h0M560 560h0M190 400h0",
            tone.line,
            width=6,
            opacity=0.6,
        )
    pen.line(disc(400, 400, 258), CLAY.base, width=6)


def soup_bowl(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 110)
    pen.body(turned((92, 612), (100, 640)), CLAY, shade=24)
    bowl = turned((246, 356), (244, 500, 180, 606, 96, 618))
    with pen.solid(bowl, tone, shade=54, drop=14):
        pen.path("M178 366H222C230 460 272 540 330 590C240 560 184 470 178 366Z", tone.light)
        pen.line(
            "M250 430h0M300 510h0M360 420h0M420 540h0M470 410h0M520 500h0M560 430h0M400 470h0"
            "M440 590h0M320 450h0",
            tone.line,
            width=6,
            opacity=0.6,
        )
    pen.line("M156 358H644", CLAY.base, width=9)


def water_carafe(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 110)
    glass = turned(
        (54, 214),
        (44, 250, 42, 300, 58, 346),
        (84, 420, 126, 480, 126, 560),
        (126, 616, 112, 640, 84, 640),
    )
    pen.path(glass, "#FFFFFF", opacity=0.5)
    with pen.within(glass):
        pen.path("M260 452H540V650H260Z", WATER, opacity=0.75)
        pen.path("M480 452H540V650H430C500 620 510 520 480 452Z", EDGE, opacity=0.55)
        pen.path("M260 446H540V456H260Z", "#FFFFFF", opacity=0.8)
        pen.path(
            "M366 230C360 300 366 340 340 400C304 470 296 540 306 612C276 560 286 480 318 410"
            "C346 350 344 300 350 220Z",
            "#FFFFFF",
            opacity=0.9,
        )
        pen.path("M300 628H500V650H300Z", EDGE, opacity=0.5)
    pen.line(glass, EDGE, width=4)
    pen.line("M346 214H454", EDGE, width=6)
    cork = turned((50, 160), (54, 160, 54, 168, 54, 172), (44, 244))
    with pen.solid(cork, KRAFT, shade=26):
        pen.line(
            "M372 186h0M398 178h0M384 214h0M420 206h0M412 232h0M368 228h0M436 184h0",
            KRAFT.line,
            width=6,
        )


def wine_glasses(pen: Pen, tone: Tones, size: str) -> None:
    _wine_glass(pen, 534, -22, filled=False)
    _wine_glass(pen, 286, 0, filled=True)


def _wine_glass(pen: Pen, axis: float, lift: float, *, filled: bool) -> None:
    bowl = turned((78, 166), (96, 240, 108, 300, 92, 342), (76, 384, 34, 402, 8, 414), axis=0)
    stem = turned((7, 410), (4, 480, 5, 560, 10, 616), (30, 628, 70, 630, 92, 640), axis=0)
    with pen.moved(f"translate({axis} {lift})"):
        pen.shadow(0, 84)
        pen.path(stem, "#FFFFFF", opacity=0.75)
        pen.line(stem, EDGE, width=3)
        pen.path(bowl, "#FFFFFF", opacity=0.55)
        with pen.within(bowl):
            if filled:
                pen.path("M-120 310H120V420H-120Z", OXIDE)
                pen.path("M50 310H120V420H-20C40 390 56 350 50 310Z", "#7E2F1C")
                pen.path("M-120 306H120V314H-120Z", "#C46B50")
            pen.path(
                "M-64 176C-82 250 -86 300 -72 340C-62 362 -44 374 -30 382C-60 340 -62 260 -42 176Z",
                "#FFFFFF",
                opacity=0.55 if filled else 0.95,
            )
            pen.path("M60 166C84 260 84 330 40 390L90 400L130 166Z", EDGE, opacity=0.22)
        pen.line(bowl, EDGE, width=3.5)


def cutlery_set(pen: Pen, tone: Tones, size: str) -> None:
    tine, slot = "a7.5 7.5 0 0 1 15 0V256", "a6 6 0 0 0 12 0V154"
    fork = (
        f"M156 154{tine}{slot}{tine}{slot}{tine}{slot}a7.5 7.5 0 0 1 15 0V270"
        "C252 306 234 320 217 330L224 640C224 664 184 664 184 640L191 330C174 320 156 306 156 270Z"
    )
    knife = (
        "M314 152C346 190 354 260 350 344C350 370 340 384 328 388L334 640C334 664 294 664 294 640"
        "L298 380V168C298 150 306 144 314 152Z"
    )
    spoon = (
        "M454 142C492 142 510 190 510 234C510 276 490 306 466 316L474 640C474 664 434 664 434 640"
        "L442 316C418 306 398 276 398 234C398 190 416 142 454 142Z"
    )
    teaspoon = (
        "M600 274C630 274 644 310 644 344C644 376 630 398 610 408L618 640C618 664 582 664 582 640"
        "L590 408C570 398 556 376 556 344C556 310 570 274 600 274Z"
    )
    pen.cast(fork + knife + spoon + teaspoon)
    with pen.solid(fork, tone, shade=8):
        pen.line("M197 340L191 640", tone.light, width=6)
        pen.line("M166 270C168 290 180 304 192 312", tone.light, width=6)
    with pen.solid(knife, tone, shade=8):
        pen.path("M298 140H314L310 380H298Z", tone.light)
        pen.line("M305 400L302 640", tone.light, width=6)
        pen.line("M290 384H340", tone.line, width=3)
    with pen.solid(spoon, tone, shade=10):
        pen.oval(456, 234, 36, 66, tone.shade)
        pen.line("M424 236C424 200 436 176 448 168", tone.light, width=7)
        pen.line("M447 330L442 640", tone.light, width=6)
    with pen.solid(teaspoon, tone, shade=8):
        pen.oval(602, 344, 28, 50, tone.shade)
        pen.line("M577 346C577 320 586 302 594 296", tone.light, width=6)
        pen.line("M595 420L590 640", tone.light, width=5)


def table_runner(pen: Pen, tone: Tones, size: str) -> None:
    pen.path("M-100 320H900V342H-100Z", INK, opacity=0.12)
    pen.path("M-100 268H900V324H-100Z", OAK.base)
    pen.path("M-100 268H900V278H-100Z", OAK.light)
    pen.path("M-100 312H900V324H-100Z", OAK.shade)
    pen.line("M-20 292C60 286 140 300 220 294M580 290C660 298 740 286 830 296", OAK.shade, width=3)
    cloth = "M250 264H550V626C500 634 450 622 400 627S300 622 250 628Z"
    pen.path("M550 324L566 340V646H262V622H550Z", INK, opacity=0.13)
    with pen.solid(cloth, tone, shade=34):
        pen.path("M282 260H316V640H282Z", tone.light)
        pen.path("M250 264H550V284H250Z", tone.light)
        weave = "".join(f"M{244 + y % 4 * 7} {y}H550" for y in range(306, 600, 17))
        pen.line(weave, tone.line, width=2, opacity=0.3, dash="18 10")
        pen.line("M366 300V640M384 300V640M416 300V640M434 300V640", tone.light, width=5)
        pen.line("M400 300V640", tone.shade, width=10)
        # The hem with its mitred corners.
        pen.line("M274 284V602H526V284M250 628L274 602M550 628L526 602", tone.line, width=3)
    bowl = turned((120, 150), (118, 220, 86, 256, 48, 266))
    with pen.solid(bowl, COLOURS["celadon"], shade=34):
        pen.path(
            "M292 156H312C316 200 336 236 366 260C320 244 294 206 292 156Z",
            COLOURS["celadon"].light,
        )
    pen.line("M281 151H519", COLOURS["celadon"].line, width=5)


GOODS = {
    "dinner-plate": Good(dinner_plate, "lies", colour="sand"),
    "soup-bowl": Good(soup_bowl, colour="sand", scale=1.05, shift=(0, -40)),
    "water-carafe": Good(water_carafe, scale=1.06, shift=(0, 22)),
    "wine-glasses": Good(wine_glasses, scale=1.06, shift=(0, 26)),
    "cutlery-set": Good(cutlery_set, "lies", colour="steel"),
    "table-runner": Good(table_runner, "hangs", colour="natural"),
}
