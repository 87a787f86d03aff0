"""Travel and outdoors: the drawings."""

from .good import Good
from .palette import BEECH, BRASS, COLOURS, INK, LEATHER, Tones
from .shapes import Pen, block, turned

RIM = "#26323B"


def canvas_tote(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 190)
    pen.line("M300 330C296 120 504 120 500 330", tone.line, width=26)
    pen.line("M300 330C296 110 504 110 500 330", tone.shade, width=22)
    bag = "M200 300H600L586 616C586 632 578 640 562 640H238C222 640 214 632 214 616Z"
    with pen.solid(bag, tone, shade=38):
        pen.path("M214 310H246L258 640H226Z", tone.light)
        pen.path("M190 300H610V330H190Z", tone.light, opacity=0.6)
        pen.line("M196 332H604", tone.line, width=3, dash="10 8")
        pen.path(
            "M300 400C320 470 316 560 306 650H330C336 560 334 470 316 400Z", tone.shade, opacity=0.7
        )
        pen.line("M490 400C478 450 480 480 484 520", tone.shade, width=6)
    pen.line("M300 400V330C296 150 504 150 500 330V400", tone.shade, width=28)
    pen.line("M298 400V330C294 148 502 148 498 330V400", tone.base, width=22)
    for x in (288, 488):
        pen.line(f"M{x} 366l22 26M{x + 22} 366l-22 26", tone.line, width=4)
    pen.body(block(470, 560, 66, 38), LEATHER, shade=8)


def weekender(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 262)
    pen.line("M300 360C296 210 504 210 500 360", LEATHER.line, width=20)
    bag = (
        "M176 350C200 320 260 316 400 316S600 320 624 350C668 420 678 520 668 600"
        "C666 630 654 640 630 640"
        "H170C146 640 134 630 132 600C122 520 132 420 176 350Z"
    )
    with pen.solid(bag, tone, shade=44, drop=10):
        pen.path("M188 362C160 420 152 520 160 620H196C186 520 192 430 222 356Z", tone.light)
        pen.path(block(110, 590, 580, 60), LEATHER.base)
        pen.path(block(612, 590, 80, 60), LEATHER.shade)
        pen.line("M120 592H680", LEATHER.line, width=4)
        pen.line("M120 604H680", LEATHER.light, width=3, dash="10 8")
        pen.path("M168 372C280 352 520 352 632 372L640 386C520 366 280 366 160 386Z", tone.line)
    pen.line("M190 371C290 357 510 357 610 371", BRASS.base, width=5, dash="6 5")
    for x in (276, 496):
        pen.body(block(x, 350, 30, 244), LEATHER, shade=9)
        pen.line(f"M{x + 5} 356V590", LEATHER.light, width=2.5, dash="8 7")
        pen.path(block(x - 5, 430, 40, 34, round_by=5), BRASS.shade)
        pen.path(block(x + 3, 438, 24, 18, round_by=2), LEATHER.shade)
        pen.line(f"M{x - 3} 432H{x + 30}M{x - 3} 432V460", BRASS.light, width=4)
    pen.line("M291 360C284 186 516 186 511 360", LEATHER.shade, width=24)
    pen.line("M289 358C282 182 514 182 509 358", LEATHER.base, width=17)
    pen.body(block(356, 254 - 32, 88, 34, round_by=10), LEATHER, shade=16)


def rucksack(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 160)
    pen.line(
        "M244 330C206 380 206 520 232 590M556 330C594 380 594 520 568 590", LEATHER.line, width=20
    )
    pen.line("M366 186C366 130 434 130 434 186", LEATHER.shade, width=16)
    bag = (
        "M252 236H548C566 320 574 430 572 590C572 624 558 640 526 640H274C242 640 228 624 228 590"
        "C226 430 234 320 252 236Z"
    )
    with pen.solid(bag, tone, shade=42):
        pen.path("M268 240C256 340 252 470 256 640H290C284 470 288 340 298 240Z", tone.light)
        pen.path("M240 290C330 300 470 300 560 290V304C470 314 330 314 240 304Z", tone.shade)
    roll = (
        "M246 178C236 178 228 188 228 204S236 236 246 240H554C564 236 572 224 572 204"
        "S564 178 554 178Z"
    )
    with pen.solid(roll, tone, shade=30, drop=14):
        pen.path(block(228, 178, 340, 16), tone.light)
        pen.line("M228 216H580", tone.line, width=3)
    pocket = (
        "M284 434H516C526 434 530 440 530 450V586C530 602 522 608 508 608H292"
        "C278 608 270 602 270 586"
        "V450C270 440 274 434 284 434Z"
    )
    pen.path(pocket, tone.line, opacity=0.5, turn="translate(8 8)")
    with pen.solid(pocket, tone, shade=26):
        pen.path(block(286, 440, 22, 180), tone.light)
        pen.path("M260 430H540V476C480 486 320 486 260 476Z", tone.shade)
        pen.line("M264 482C320 492 480 492 536 482", tone.line, width=3, dash="10 8")
    pen.body(block(385, 176, 30, 330), LEATHER, shade=9)
    for y in (262, 462):
        pen.path(block(378, y, 44, 36, round_by=5), BRASS.shade)
        pen.path(block(387, y + 9, 26, 18, round_by=2), LEATHER.shade)
        pen.line(f"M380 {y + 2}H416M380 {y + 2}V{y + 32}", BRASS.light, width=4)


def umbrella(pen: Pen, tone: Tones, size: str) -> None:
    steel = COLOURS["steel"]
    pen.path(
        "M108 404C124 226 252 140 400 140S676 226 692 404C640 372 600 372 562 404"
        "C508 372 452 372 400 404"
        "C348 372 292 372 238 404C200 372 160 372 108 404Z",
        INK,
        opacity=0.12,
        turn="translate(18 20)",
    )
    pen.path(block(394, 380, 12, 110), steel.base)
    pen.path(block(391, 470, 18, 80, round_by=2), steel.shade)
    pen.path(block(391, 470, 8, 80, round_by=2), steel.light)
    canopy = (
        "M108 404C124 226 252 140 400 140S676 226 692 404C640 372 600 372 562 404"
        "C508 372 452 372 400 404C348 372 292 372 238 404C200 372 160 372 108 404Z"
    )
    with pen.solid(canopy, tone, shade=0):
        pen.path("M400 140C300 170 246 260 238 404C200 372 160 372 108 404V140Z", tone.light)
        pen.path("M400 140C500 170 554 260 562 404C600 372 640 372 700 404V140Z", tone.shade)
        pen.path(
            "M400 140C420 230 420 320 400 404C452 372 508 372 562 404C554 260 500 170 400 140Z",
            tone.shade,
            opacity=0.45,
        )
        pen.line(
            "M400 140C300 170 246 260 238 404M400 140V404M400 140C500 170 554 260 562 404",
            tone.line,
            width=3,
        )
    pen.path(block(393, 112, 14, 32, round_by=5), steel.shade)
    pen.body(block(378, 548, 44, 112, round_by=14), BEECH, shade=16)
    pen.path(block(386, 556, 9, 92, round_by=4), BEECH.light)
    pen.line("M420 646C446 650 450 690 428 694C410 696 408 672 416 656", LEATHER.base, width=6)


def watering_can(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(436, 134)
    pen.tube("M350 590C270 560 238 440 168 340", tone, width=26)
    pen.tube("M222 436L352 448", tone, width=12)
    with pen.moved("translate(166 338) rotate(-36)"):
        pen.body("M-18 14L-46 -44H46L18 14Z", BRASS, shade=14)
        pen.path("M-48 -44C-30 -58 30 -58 48 -44Z", BRASS.light)
    pen.tube("M352 396C330 200 560 170 588 330C600 420 596 500 548 560", tone, width=22)
    body = turned((104, 388), (126, 612), (128, 632, 122, 640, 110, 640), axis=440)
    with pen.solid(body, tone, shade=44):
        pen.path("M352 388H382L364 640H328Z", tone.light)
        pen.line("M300 430H600M300 604H600", tone.line, width=4)
    cover = "M336 390C350 352 400 340 470 346C510 350 536 366 544 390Z"
    with pen.solid(cover, tone, shade=22):
        pen.path("M470 346C510 350 536 366 544 390H440C450 372 460 356 470 346Z", tone.line)
    pen.line("M336 390H544", tone.line, width=6)


def enamel_mug(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(376, 166)
    pen.tube("M534 330C690 310 690 540 532 540", tone, width=32)
    mug = "M194 250H546L536 580C534 620 518 640 484 640H256C222 640 206 620 204 580Z"
    with pen.solid(mug, tone, shade=54):
        pen.path(
            "M222 260H262L268 590C270 616 276 630 284 636C250 636 234 616 232 582Z", tone.light
        )
        pen.line(
            "M310 330h0M420 300h0M470 420h0M330 470h0M400 560h0M290 580h0M500 340h0M440 500h0"
            "M380 390h0M350 610h0M480 580h0M300 400h0",
            tone.line,
            width=8,
            opacity=0.55,
        )
    pen.line("M192 252H548", RIM, width=16)
    pen.line("M206 248H360", "#6E7F8C", width=4)


GOODS = {
    "canvas-tote": Good(canvas_tote, colour="natural", shift=(0, 10), scale=1.02),
    "weekender": Good(weekender, colour="forest", shift=(0, -20)),
    "rucksack": Good(rucksack, colour="mustard", scale=1.04, shift=(0, 18)),
    "umbrella": Good(umbrella, "hangs", colour="black", scale=0.96),
    "watering-can": Good(watering_can, colour="teal", scale=1.08, shift=(24, 6)),
    "enamel-mug": Good(enamel_mug, colour="white", scale=1, shift=(-16, -10)),
}
