"""Kitchen: the drawings."""

from .good import Good
from .palette import BRASS, COLOURS, OAK, OLIVE_WOOD, WALNUT, Tones
from .shapes import Pen, block, disc, turned

STEEL = COLOURS["steel"]
RIM = "#26323B"


def cast_iron_casserole(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 214)
    for side in (
        "M190 462C136 452 124 468 126 486C128 506 150 512 196 508",
        "M610 462C664 452 676 468 674 486C672 506 650 512 604 508",
    ):
        pen.tube(side, tone, width=24)
    pot = turned((222, 424), (222, 560), (222, 616, 196, 640, 160, 640))
    with pen.solid(pot, tone, shade=52, drop=8):
        pen.path("M204 430H240V560C240 596 250 616 262 632C222 622 204 600 204 560Z", tone.light)
        pen.line("M170 446H640", tone.line, width=3, opacity=0.7)
    lid = turned((40, 346), (150, 350, 212, 376, 228, 424))
    with pen.solid(lid, tone, shade=44):
        pen.path("M206 406C224 380 270 364 320 358C282 376 254 396 244 416Z", tone.light)
    pen.path(block(168, 410, 464, 20, round_by=10), tone.shade)
    pen.path(block(172, 410, 420, 8, round_by=4), tone.light)
    pen.body(turned((30, 300), (38, 302, 38, 322, 18, 328), (16, 350)), BRASS, shade=16)
    pen.line("M380 311H406", BRASS.light, width=5)


def chefs_knife(pen: Pen, tone: Tones, size: str) -> None:
    with pen.moved("rotate(-38 400 400)"):
        blade = "M282 352L650 352C690 352 724 366 744 388C700 426 560 446 290 444Z"
        handle = (
            "M282 358V402C240 414 200 412 150 428C110 440 74 436 68 410C62 384 78 362 104 362"
            "C170 362 220 356 282 358Z"
        )
        pen.cast(blade + handle)
        with pen.solid(blade, STEEL, shade=0):
            pen.path("M270 352H650C690 352 724 366 744 388C690 382 500 384 280 384Z", STEEL.light)
            pen.path("M280 426C480 424 640 416 744 388L744 460H280Z", "#E6EAEB")
            pen.line("M284 424C480 422 640 412 738 389", STEEL.shade, width=3)
        with pen.solid(handle, WALNUT, shade=0):
            pen.path("M60 350H290V376C220 374 160 384 66 386Z", WALNUT.light)
            pen.path("M60 440C120 412 220 400 290 392V460H60Z", WALNUT.shade)
            pen.line("M90 404C150 396 210 390 266 388", WALNUT.line, width=2.5)
        for x in (120, 186, 246):
            pen.dot(x, 388, 8, BRASS.base)
            pen.dot(x - 2, 386, 3.5, BRASS.light)
        pen.path("M268 352H300V444L284 444C278 430 272 420 268 408Z", STEEL.shade)
        pen.path("M268 352H288V408H268Z", STEEL.base)


def olive_wood_board(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 160)
    board = (
        "M372 110C390 100 412 100 428 112C440 122 440 150 436 196C434 232 456 238 496 244"
        "C544 252 558 282 558 330V592C558 630 540 640 510 640H288C256 640 242 628 242 592V330"
        "C242 282 256 252 304 244C344 238 366 232 364 196C360 150 358 122 372 110Z"
    )
    with pen.solid(board, OLIVE_WOOD, shade=22):
        pen.path(
            "M252 640V330C252 286 268 266 310 256C352 248 376 240 374 200V110H398V240"
            "C398 300 352 330 330 420C312 500 318 580 330 640Z",
            OLIVE_WOOD.light,
        )
        pen.path(
            "M470 640C452 560 492 520 484 450C476 400 440 380 444 320C486 350 520 400 516 470"
            "C512 540 530 580 526 640Z",
            OLIVE_WOOD.shade,
            opacity=0.55,
        )
        pen.line(
            "M300 640C286 540 296 460 330 390C356 330 386 300 390 230"
            "M360 640C350 560 352 500 388 440C424 380 408 320 410 240"
            "M430 640C412 570 440 530 432 462C424 410 400 400 412 356"
            "M560 410C530 440 548 520 546 640M262 640C256 540 250 440 280 360",
            OLIVE_WOOD.line,
            width=3,
            opacity=0.75,
        )
        pen.oval(352, 520, 12, 22, OLIVE_WOOD.line, opacity=0.6)
    pen.dot(400, 146, 17, "#C9D0BC")
    pen.line("M386 156a17 17 0 0 1 8 -26", OLIVE_WOOD.line, width=4)


def enamel_saucepan(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(330, 158)
    handle = "M484 442C540 432 600 418 672 412C710 410 712 456 676 458C610 462 550 474 484 490Z"
    with pen.solid(handle, tone, shade=0):
        pen.path("M480 472C550 454 610 444 700 438V470L480 494Z", tone.shade)
    pen.path(disc(676, 434, 9), "#8C9884")
    pen.line("M500 455C560 444 620 432 668 428", tone.light, width=5)
    pan = "M166 398H494V560C494 614 470 640 424 640H236C190 640 166 614 166 560Z"
    with pen.solid(pan, tone, shade=48, drop=8):
        pen.path("M190 410H226V560C226 596 238 618 256 632C208 624 190 604 190 560Z", tone.light)
    pen.line("M160 398H302L314 410H346L358 398H500", RIM, width=12)


def salt_mill(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 86)
    body = turned(
        (56, 294),
        (60, 300, 60, 312, 52, 318),
        (40, 350, 42, 420, 56, 470),
        (76, 530, 88, 560, 88, 604),
        (88, 620),
        (88, 632, 84, 640, 76, 640),
    )
    with pen.solid(body, tone, shade=34):
        pen.path(
            "M360 320C352 360 350 420 340 470C326 520 324 560 326 632H350C346 560 352 520 362 470"
            "C370 420 374 370 378 320Z",
            tone.light,
        )
        pen.line("M300 316H500M300 604H500", tone.line, width=3.5)
        pen.line("M300 470H500", tone.line, width=2.5, opacity=0.5)
    head = turned(
        (20, 166), (64, 168, 78, 210, 64, 244), (58, 256, 50, 258, 48, 266), (52, 278), (52, 290)
    )
    with pen.solid(head, tone, shade=30):
        pen.oval(366, 206, 15, 25, tone.light)
        pen.line("M330 266H470", tone.line, width=3.5)
    pen.path(block(350, 288, 100, 9), STEEL.shade)
    pen.path(block(350, 288, 62, 9), STEEL.light)
    pen.body(turned((10, 144), (16, 146, 16, 160, 12, 166)), STEEL, shade=10)


def linen_tea_towel(pen: Pen, tone: Tones, size: str) -> None:
    cloth = (
        "M0 -14C0 -22 4 -26 12 -26H202C210 -26 214 -22 214 -14L220 430"
        "C170 436 120 426 70 434S20 432 -6 430Z"
    )
    with pen.moved("translate(0 -4)"):
        for x, drop in ((166, 0), (420, 0)):
            with pen.moved(f"translate({x} {196 + drop})"):
                pen.cast(cloth)
        pen.cast(block(112, 178, 576, 24, round_by=12), by=8)
        pen.path(block(112, 178, 576, 24, round_by=12), OAK.shade)
        pen.path(block(112, 178, 572, 16, round_by=8), OAK.base)
        pen.path(block(120, 181, 552, 5, round_by=2), OAK.light)
        _towel(pen, tone, cloth, x=166, bold=True)
        _towel(pen, tone, cloth, x=420, bold=False)


def _towel(pen: Pen, tone: Tones, cloth: str, *, x: float, bold: bool) -> None:
    with pen.moved(f"translate({x} 190)"), pen.solid(cloth, COLOURS["white"], shade=20):
        pen.path("M-10 -30H230V-4C150 6 80 -10 -10 0Z", "#FFFFFF")
        pen.path("M54 0C70 150 48 300 62 440H40C30 300 48 150 30 0Z", "#FFFFFF")
        pen.path(
            "M150 0C140 160 160 300 146 440H168C180 300 160 150 172 0Z",
            COLOURS["white"].shade,
            opacity=0.7,
        )
        if bold:
            pen.path("M-10 330H230V372H-10Z", tone.base)
            pen.line("M-10 316H230M-10 386H230", tone.base, width=5)
            pen.path("M146 330H168V372H146Z", tone.shade)
        else:
            pen.line(
                "".join(f"M{i} -30C{i + 8} 150 {i - 8} 300 {i} 440" for i in range(18, 214, 30)),
                tone.base,
                width=6,
            )
        pen.line("M-10 418C60 424 140 414 226 420", COLOURS["white"].line, width=2, dash="7 8")


GOODS = {
    "cast-iron-casserole": Good(cast_iron_casserole, colour="oxide", scale=1, shift=(0, -24)),
    "chefs-knife": Good(chefs_knife, "lies", scale=0.92),
    "olive-wood-board": Good(olive_wood_board, shift=(0, 24), sizes={"medium": 0.78, "large": 1}),
    "enamel-saucepan": Good(enamel_saucepan, colour="white", scale=1.1, shift=(-26, -34)),
    "salt-mill": Good(salt_mill, colour="natural", scale=1.12, shift=(0, 24)),
    "linen-tea-towel": Good(linen_tea_towel, "hangs", colour="ink"),
}
