"""Desk: the drawings."""

from .good import Good
from .palette import BRASS, COLOURS, INK, LEATHER, OAK, OXIDE, PAPER, Tones
from .shapes import Pen, block, disc

STEEL = COLOURS["steel"]
MUSTARD = COLOURS["mustard"]


def dotted_notebook(pen: Pen, tone: Tones, size: str) -> None:
    book = block(214, 132, 372, 520, round_by=14)
    with pen.moved("rotate(-5 400 400)"):
        pen.cast(book, by=18)
        pen.line("M350 640V700L362 690L374 700V640Z", MUSTARD.base, width=2)
        pen.path("M350 630V704L362 692L374 704V630Z", MUSTARD.base)
        pen.path(block(222, 140, 374, 518, round_by=12), "#E9E2D2")
        pen.line("M592 160V640M588 160V640", "#C9BFA9", width=1.5)
        with pen.solid(book, tone, shade=14):
            pen.path(block(214, 132, 46, 520), tone.shade)
            pen.path(block(260, 132, 10, 520), tone.light)
        pen.path(block(320, 226, 160, 200, round_by=3), PAPER)
        pen.line(
            "".join(f"M340 {y}H464" for y in range(248, 420, 26)), "#8A8F92", width=7, dash="0.1 24"
        )
        pen.path(block(524, 128, 20, 528), tone.line)
        pen.path(block(524, 128, 6, 528), tone.light, opacity=0.6)


def fountain_pen(pen: Pen, tone: Tones, size: str) -> None:
    pen.line(
        "M120 640C180 560 210 690 260 640C300 600 236 566 226 610C214 656 300 660 340 628",
        COLOURS["teal"].base,
        width=8,
    )
    with pen.moved("rotate(-42 400 400)"):
        barrel = (
            "M214 372H566C610 372 670 380 690 392C694 396 694 404 690 408"
            "C670 420 610 428 566 428H214Z"
        )
        section = "M214 378V422L150 416V384Z"
        nib = "M152 382V418C120 416 84 408 58 400C84 392 120 384 152 382Z"
        pen.cast(barrel + section + nib)
        with pen.solid(nib, STEEL, shade=0):
            pen.path("M50 400H160V424H50Z", STEEL.shade)
            pen.path("M50 382H160V391L58 400Z", STEEL.light)
        pen.line("M66 400H120", STEEL.line, width=3)
        pen.dot(122, 400, 6, STEEL.line)
        with pen.solid(section, COLOURS["black"], shade=0):
            pen.path("M150 384H214V394H150Z", COLOURS["black"].light)
        pen.path(block(208, 372, 12, 56), BRASS.base)
        with pen.solid(barrel, tone, shade=0, drop=16):
            pen.path("M214 380H690V391H214Z", tone.light)
            pen.line("M430 366V434", tone.line, width=3)
        pen.path(block(424, 372, 16, 56), BRASS.base)
        pen.path(block(424, 414, 16, 14), BRASS.shade)
        pen.path("M440 362H600C612 362 612 380 600 380H452V372H440Z", BRASS.shade)
        pen.path("M440 362H600C608 362 610 370 604 372H440Z", BRASS.light)


def pencil_case(pen: Pen, tone: Tones, size: str) -> None:
    pencils = ((224, -8, "#C8962E"), (282, 2, OXIDE), (340, 9, "#1F6F6B"))
    with pen.moved("rotate(-4 400 400)"):
        case = (
            "M132 330C220 322 580 322 668 330C680 400 680 500 664 566C560 578 240 578 136 566"
            "C120 500 120 400 132 330Z"
        )
        pen.cast(case)
        for x, angle, colour in pencils:
            with pen.moved(f"translate({x} 350) rotate({angle})"):
                pen.path("M-17 0V-126L0 -168L17 -126V0Z", OAK.light)
                pen.path("M-17 0V-126L-6 -118L0 -126L6 -118L17 -126V0Z", colour)
                pen.path("M6 0V-118L17 -126V0Z", INK, opacity=0.22)
                pen.path("M-6 -153L0 -168L6 -153Z", INK)
        with pen.solid(case, tone, shade=16, drop=16):
            pen.path("M120 340C220 330 580 330 680 340V352C580 342 220 342 120 352Z", tone.line)
            pen.path("M156 370C156 440 156 500 164 548H204C192 500 190 440 190 370Z", tone.light)
            pen.line(
                "M126 372C240 362 560 362 676 372M132 552C240 562 560 562 668 552",
                tone.line,
                width=3,
                dash="10 8",
            )
        pen.line("M390 340C480 338 580 340 664 346", BRASS.base, width=7, dash="5 6")
        pen.body(block(366, 330, 34, 22, round_by=5), BRASS, shade=10)
        pen.line("M374 348C356 380 352 410 356 440", LEATHER.shade, width=15)
        pen.line("M372 348C354 380 350 410 354 438", LEATHER.base, width=10)
        pen.body(block(560, 430, 74, 50, round_by=3), LEATHER, shade=10)
        pen.line(block(566, 436, 62, 38), LEATHER.line, width=2, dash="5 5")


def desk_tray(pen: Pen, tone: Tones, size: str) -> None:
    tray = block(112, 230, 576, 350, round_by=20)
    pen.cast(tray)
    with pen.solid(tray, OAK, shade=10, drop=10):
        pen.path(block(112, 230, 576, 9), OAK.light)
        pen.line(
            "M100 560C250 566 500 552 700 562M100 250C300 244 480 256 700 248",
            OAK.line,
            width=2,
            opacity=0.6,
        )
    for x, y, width, height in ((138, 256, 330, 84), (138, 360, 330, 194), (488, 256, 174, 298)):
        well = block(x, y, width, height, round_by=12)
        with pen.within(well):
            pen.path(well, OAK.line)
            pen.path(well, OAK.shade, turn="translate(8 9)")
            pen.line(
                f"M{x} {y + height * 0.6:g}q{width / 2:g} 10 {width} 0",
                OAK.line,
                width=2,
                opacity=0.7,
            )
    pen.path("M164 294H392L440 302L392 310H164Z", OAK.light)
    pen.path("M164 288H392L398 302L392 316H164Z", COLOURS["teal"].base)
    pen.path("M164 306H395L392 316H164Z", COLOURS["teal"].shade)
    pen.path("M150 288H166V316H150Z", COLOURS["rose"].base)
    for x, y, angle in ((210, 440, 20), (290, 480, -30), (380, 430, 60)):
        with pen.moved(f"translate({x} {y}) rotate({angle})"):
            pen.line("M-12 -30V26a14 14 0 0 0 28 0V-36a20 20 0 0 0 -40 0V20", BRASS.light, width=6)
    pen.body(block(516, 290, 118, 118, round_by=2), MUSTARD, shade=0)
    pen.path("M634 372L598 408H634Z", MUSTARD.shade)
    pen.path("M598 372H634L598 408Z", MUSTARD.light)
    pen.path(block(532, 450, 84, 76, round_by=4), PAPER)
    pen.path(block(532, 450, 84, 30, round_by=4), COLOURS["oxide"].base)


def paper_scissors(pen: Pen, tone: Tones, size: str) -> None:
    black = COLOURS["black"]
    right = "M380 424L440 96C444 84 456 88 456 102L430 440C424 452 386 446 380 424Z"
    left = "M420 424L360 96C356 84 344 88 344 102L370 440C376 452 414 446 420 424Z"
    # Each handle runs from its blade through the pivot to the loop on the other side.
    to_left = (
        "M404 418C404 470 366 492 344 520C310 562 300 650 336 676C372 700 396 640 384 590"
        "C376 556 356 540 344 520"
    )
    to_right = (
        "M396 418C396 470 434 492 456 520C490 562 500 650 464 676C428 700 404 640 416 590"
        "C424 556 444 540 456 520"
    )
    with pen.moved("rotate(32 400 400) translate(0 10)"):
        with pen.moved("translate(20 8)"):
            pen.path(left + right, INK, opacity=0.13)
            pen.line(to_left + to_right, INK, width=26, opacity=0.13)
        pen.path(right, STEEL.shade)
        pen.path("M386 424L446 94C456 90 456 96 456 102L430 440Z", STEEL.base)
        pen.line(to_right, black.shade, width=28)
        pen.line(to_right, black.base, width=20)
        pen.path(left, STEEL.base)
        pen.path("M408 424L352 92C344 90 344 96 344 102L370 440Z", STEEL.light)
        pen.line(to_left, black.shade, width=28)
        pen.line(to_left, black.base, width=20)
        pen.line(
            "M318 640C308 600 320 560 338 532M406 650C398 620 404 596 414 572", black.light, width=5
        )
        pen.dot(400, 414, 18, BRASS.shade)
        pen.dot(398, 412, 13, BRASS.base)
        pen.line("M391 418L405 405", BRASS.line, width=3)


def cookbook(pen: Pen, tone: Tones, size: str) -> None:
    cover = COLOURS["mustard"]
    pen.shadow(404, 192)
    pen.path(block(222, 144, 376, 488, round_by=4), "#EDE6D6")
    pen.line("M592 150V628M586 150V628", "#C9BFA9", width=2)
    with pen.solid(block(210, 132, 376, 508, round_by=6), cover, shade=10):
        pen.path(block(210, 132, 40, 508), cover.shade)
        pen.path(block(250, 132, 8, 508), cover.light)
    # A plate with a fish over harbour waves says "recipes from the sea side" without a word.
    pen.path(disc(418, 346, 122), PAPER)
    pen.line(disc(418, 346, 100), "#D8D2C5", width=3)
    fish = (
        "M332 346C366 300 430 298 470 340L506 312C500 336 500 356 506 380L470 352"
        "C430 394 366 392 332 346Z"
    )
    with pen.within(fish):
        pen.path(fish, OXIDE)
        pen.path("M320 356C400 372 440 362 520 346V400H320Z", "#87331E")
    pen.dot(364, 338, 6, PAPER)
    pen.line(
        "M392 318C402 336 402 356 392 374M416 326h0M432 340h0M416 352h0M446 346h0",
        "#E6B9A6",
        width=4,
    )
    for y in (524, 550, 576):
        pen.line(f"M292 {y}q21 -20 42 0t42 0t42 0t42 0t42 0t42 0", COLOURS["teal"].base, width=6)
    pen.line("M344 186H492M372 204H464", PAPER, width=6)


GOODS = {
    "dotted-notebook": Good(dotted_notebook, "lies", colour="teal"),
    "fountain-pen": Good(fountain_pen, "lies", colour="black", scale=1.04, shift=(6, 0)),
    "pencil-case": Good(pencil_case, "lies", colour="forest", shift=(0, 20)),
    "desk-tray": Good(desk_tray, "lies"),
    "paper-scissors": Good(paper_scissors, "lies"),
    "cookbook": Good(cookbook, shift=(0, 16)),
}
