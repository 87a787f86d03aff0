"""Tea and coffee: the drawings."""

from .good import Good
from .palette import BAMBOO, CLAY, KRAFT, LEAF, PAPER, WALNUT, Tones
from .shapes import Pen, block, turned


def stoneware_teapot(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 140)
    arch = "M258 428C250 120 550 120 542 428"
    pen.tube(arch, BAMBOO, width=22)
    pen.line("M266 330l20 6M274 300l19 9M534 330l-20 6M526 300l-19 9", BAMBOO.line, width=4)
    spout = (
        "M276 590C226 572 214 520 204 476C196 444 182 424 158 412L182 384"
        "C224 400 246 432 256 462C262 480 276 486 300 492Z"
    )
    pen.body(spout, tone, shade=12)
    pen.path("M158 412L182 384l7 4L165 416Z", tone.line)
    pot = turned((80, 384), (150, 390, 196, 450, 196, 522), (196, 580, 158, 622, 122, 640))
    with pen.solid(pot, tone, shade=34, drop=10):
        pen.path(
            "M230 470C244 425 280 398 318 392C276 424 258 470 256 530C238 520 226 500 230 470Z",
            tone.light,
        )
        pen.path("M240 600C320 616 480 616 560 600V650H240Z", CLAY.base)
        pen.path("M528 605L560 600V650H478C500 640 516 624 528 605Z", CLAY.shade)
        pen.line("M240 600C320 616 480 616 560 600", tone.line, width=3)
    lid = turned((14, 346), (50, 348, 84, 364, 92, 390))
    with pen.solid(lid, tone, shade=20):
        pen.line("M318 380C328 364 350 356 370 353", tone.light, width=8)
    pen.line("M308 391H492", tone.line, width=4)
    pen.body(turned((24, 318), (34, 318, 34, 346, 14, 348)), tone, shade=12)
    pen.path(block(252, 414, 16, 30, round_by=6) + block(532, 414, 16, 30, round_by=6), tone.line)


def gooseneck_kettle(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(410, 150)
    spout = (
        "M290 574C214 572 196 520 206 456C214 404 214 372 158 356L166 330"
        "C244 346 250 398 240 458C234 500 250 526 290 528Z"
    )
    pen.body(spout, tone, shade=9)
    pen.line("M180 344C222 358 234 394 226 446", tone.light, width=5)
    pen.tube("M486 388C530 352 600 336 622 378C638 410 634 480 618 540", WALNUT, width=30)
    pen.tube("M486 388C505 372 530 358 556 352", tone, width=22)
    body = turned((98, 366), (108, 470, 128, 560, 146, 616), (150, 632, 146, 640, 134, 640))
    with pen.solid(body, tone, shade=40):
        pen.path("M318 380H346C336 470 316 560 296 624H270C292 550 310 470 318 380Z", tone.light)
        pen.line("M250 606H560", tone.line, width=3, opacity=0.7)
    lid = turned((0, 318), (60, 318, 94, 336, 100, 366))
    with pen.solid(lid, tone, shade=26):
        pen.line("M322 352C334 338 354 332 372 330", tone.light, width=8)
    pen.line("M300 367H500", tone.line, width=5)
    pen.body(turned((22, 272), (30, 274, 26, 300, 12, 318)), WALNUT, shade=12)


def pour_over_dripper(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 112)
    paper = "M236 330L218 262C300 286 360 288 420 264C480 250 540 256 582 268L564 330Z"
    with pen.solid(paper, KRAFT, shade=30):
        pen.path("M420 264C480 250 540 256 582 268L564 330H410Z", KRAFT.light)
        pen.line("M420 268L410 330", KRAFT.line, width=3)
    pen.tube("M546 378C640 352 646 476 520 492", tone, width=26)
    cone = turned((184, 318), (188, 330), (180, 340), (84, 552))
    with pen.solid(cone, tone, shade=44):
        pen.path("M250 350H284L352 552H330Z", tone.light)
        pen.line("M232 345H568", tone.shade, width=4)
    pen.body(turned((158, 552), (164, 556, 164, 576, 152, 580)), tone, shade=36)
    pen.line("M316 553H486", tone.line, width=3)
    with pen.solid(turned((102, 580), (92, 640)), tone, shade=26):
        pen.path(block(280, 580, 240, 9), tone.shade)


def tea_tin(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 146)
    with pen.solid(block(262, 232, 276, 408, round_by=12), tone, shade=44):
        pen.path(block(286, 200, 26, 460), tone.light)
        pen.path(block(250, 322, 300, 10), tone.shade)
    with pen.solid(block(256, 180, 288, 144, round_by=14), tone, shade=46):
        pen.path(block(282, 160, 26, 200), tone.light)
        pen.line("M250 310H550", tone.line, width=3, opacity=0.6)
    pen.path(block(330, 382, 140, 190, round_by=2), PAPER)
    pen.line(block(340, 392, 120, 170), tone.base, width=2.5)
    pen.leaf(400, 520, 100, 0, LEAF)
    pen.leaf(398, 526, 70, -52, LEAF)
    pen.leaf(402, 526, 70, 52, LEAF)
    pen.line("M400 546V440", LEAF.line, width=3)


def espresso_cups(pen: Pen, tone: Tones, size: str) -> None:
    _espresso_cup(pen, tone, axis=524, lift=-26)
    _espresso_cup(pen, tone, axis=280, lift=0)


def _espresso_cup(pen: Pen, tone: Tones, *, axis: float, lift: float) -> None:
    steam = "c-18 -24 18 -40 0 -66c-12 -20 8 -34 4 -46"
    with pen.moved(f"translate({axis} {lift})"):
        pen.shadow(0, 66)
        pen.tube("M100 488C172 468 172 580 80 578", tone, width=22)
        cup = turned((118, 452), (118, 540, 104, 606, 72, 626), (64, 632), (62, 640), axis=0)
        with pen.solid(cup, tone, shade=36):
            pen.path("M-94 464H-60C-62 540 -50 600 -28 636C-72 614 -92 550 -94 464Z", tone.light)
            pen.path("M-120 452H120V464H-120Z", tone.light)
            pen.line("M-80 628H80", tone.line, width=4, opacity=0.6)
        pen.line(f"M-26 416{steam}M22 416{steam}", "#FFFFFF", width=6, opacity=0.75)


def matcha_whisk(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 96)
    tines = turned((46, 372), (60, 420, 128, 470, 132, 560), (134, 600, 122, 630, 104, 640))
    with pen.solid(tines, BAMBOO, shade=30):
        pen.path(
            "M360 372C340 420 290 480 288 570L330 650H370C350 540 370 440 384 372Z", BAMBOO.light
        )
        spread = range(-126, 127, 14)
        pen.line(
            "".join(
                f"M{400 + x * 0.36:.0f} 376C{400 + x * 0.5:.0f} 430 {400 + x} 480"
                f" {400 + x} 560Q{400 + x} 610 {400 + x * 0.84:.0f} 642"
                for x in spread
            ),
            BAMBOO.line,
            width=2.5,
        )
    handle = turned((42, 142), (48, 142, 48, 150, 47, 170), (43, 250, 43, 290, 48, 372))
    with pen.solid(handle, BAMBOO, shade=24):
        pen.path(block(366, 130, 16, 230), BAMBOO.light)
        pen.line("M340 216C380 224 420 224 460 216", BAMBOO.line, width=4)
    pen.path(block(348, 344, 104, 30, round_by=10), "#2B3843")
    pen.line("M352 354H448M352 364H448", "#6E7F8C", width=2.5)


GOODS = {
    "stoneware-teapot": Good(stoneware_teapot, colour="celadon", scale=1.1, shift=(26, 10)),
    "gooseneck-kettle": Good(gooseneck_kettle, colour="steel", scale=1.1, shift=(4, 10)),
    "pour-over-dripper": Good(
        pour_over_dripper,
        colour="white",
        scale=1.15,
        shift=(-10, 10),
        sizes={"small": 0.76, "large": 1},
    ),
    "tea-tin": Good(tea_tin, colour="teal", shift=(0, 16)),
    "espresso-cups": Good(espresso_cups, colour="sand", scale=1.06, shift=(-14, -36)),
    "matcha-whisk": Good(matcha_whisk, shift=(0, 16)),
}
