"""Home textiles: the drawings."""

from .good import Good
from .palette import BRASS, COLOURS, OAK, WALNUT, Tones
from .shapes import Pen, block

WHITE = COLOURS["white"]
FLAX = Tones("#E9DFCB", "#D6C8AC", "#B8A684", "#8B7A58")


def wool_blanket(pen: Pen, tone: Tones, size: str) -> None:
    under = "M186 190H648V606C500 614 330 600 186 608Z"
    cloth = (
        "M172 156C300 146 490 162 616 152C634 152 640 162 640 178L638 556C638 570 632 576 618 576"
        "C500 584 320 570 178 580C166 580 160 574 160 562L158 176C158 162 164 156 172 156Z"
    )
    with pen.moved("rotate(-3 400 400) translate(0 -2)"):
        pen.cast(under, by=16)
        pen.line("".join(f"M{x} 606v{42 + x % 5}" for x in range(192, 646, 15)), tone.base, width=5)
        pen.path(under, tone.shade)
        pen.line("M190 594C330 588 500 600 644 592", tone.light, width=3, dash="12 9")
        with pen.solid(cloth, tone, shade=26, drop=10):
            checks = "M150 240H650M150 366H650M150 492H650M246 140V590M380 140V590M514 140V590"
            pen.line(checks, tone.light, width=18, opacity=0.45)
            pen.line(checks, tone.light, width=3)
            pen.path("M150 140H650V164C500 174 300 156 150 170Z", tone.light)
            pen.path("M176 180H194C190 320 192 440 194 590H172Z", tone.light, opacity=0.6)


def linen_duvet_cover(pen: Pen, tone: Tones, size: str) -> None:
    half = 182 if size == "single" else 268
    left, right = 400 - half, 400 + half
    pen.shadow(400, half + 6)
    pen.body(block(left - 8, 250, 2 * half + 16, 390, round_by=10), OAK, shade=24)
    pen.path(block(left - 2, 252, 2 * half, 9, round_by=4), OAK.light)
    pillows = (400,) if size == "single" else (400 - 126, 400 + 126)
    for axis in pillows:
        pillow = (
            f"M{axis - 112} 318C{axis - 60} 304 {axis + 60} 304 {axis + 112} 318"
            f"C{axis + 122} 360 {axis + 122} 390 {axis + 112} 430H{axis - 112}"
            f"C{axis - 122} 390 {axis - 122} 360 {axis - 112} 318Z"
        )
        with pen.solid(pillow, WHITE, shade=24, drop=8):
            pen.line(
                f"M{axis - 92} 336C{axis - 98} 360 {axis - 98} 376 {axis - 94} 400",
                "#FFFFFF",
                width=12,
            )
    duvet = (
        f"M{left - 14} 430C{left + 60} 410 {right - 60} 410 {right + 14} 430"
        f"L{right + 22} 616C{400 + half / 2} 626 {400 - half / 2} 606 {left - 22} 616Z"
    )
    with pen.solid(duvet, FLAX, shade=34):
        pen.path(
            f"M{left - 30} 400H{right + 30}V462C{right - 80} 480 {left + 80} 440 {left - 30} 462Z",
            FLAX.light,
        )
        pen.line(
            f"M{left - 20} 464C{left + 80} 442 {right - 80} 482 {right + 20} 462",
            FLAX.line,
            width=3,
        )
        pen.line(
            f"M{left + 50} 500C{left + 70} 540 {left + 50} 580 {left + 64} 620"
            f"M400 490C384 530 414 580 396 620M{right - 70} 500C{right - 50} 540 {right - 84} 580"
            f" {right - 60} 620",
            FLAX.shade,
            width=6,
        )
        pen.path(
            f"M{left} 460L{left + 30} 458C{left + 24} 520 {left + 16} 570 {left + 22} 620"
            f"H{left - 20}Z",
            FLAX.light,
        )
    pen.path(f"M{left} 616h20v24h-20ZM{right - 20} 616h20v24h-20Z", OAK.line)


def bath_towel(pen: Pen, tone: Tones, size: str) -> None:
    rail = block(120, 166, 560, 22, round_by=11)
    pen.cast(rail, by=10)
    front = (
        "M226 176C226 160 236 152 250 152H534C550 152 556 160 556 176V640"
        "C500 648 450 636 390 642S280 646 226 640Z"
    )
    pen.cast(front)
    pen.path(rail, BRASS.shade)
    pen.path(block(120, 166, 556, 14, round_by=7), BRASS.base)
    pen.path(block(130, 169, 540, 4, round_by=2), BRASS.light)
    with pen.solid(front, tone, shade=34):
        pen.path("M226 150H560V176C500 190 300 166 226 184Z", tone.light)
        pen.path("M262 186C276 300 256 460 266 650H300C286 460 308 300 294 186Z", tone.light)
        pen.line(
            "M420 200C432 320 408 420 420 540M350 220C342 320 360 400 350 500",
            tone.shade,
            width=6,
            opacity=0.7,
        )
        pen.path(block(220, 548, 340, 46), tone.shade)
        pen.line("M220 560H560M220 571H560M220 582H560", tone.base, width=5)
        pen.line("M228 634H556", tone.line, width=3, dash="5 9")
    for x in (128, 656):
        pen.path(block(x, 150, 16, 54, round_by=6), BRASS.line)


def waffle_robe(pen: Pen, tone: Tones, size: str) -> None:
    body = (
        "M334 116C304 126 276 138 256 172L164 430L238 464L284 340L258 694C350 702 450 702 542 694"
        "L516 340L562 464L636 430L544 172C524 138 496 126 466 116C440 138 360 138 334 116Z"
    )
    front = "M334 116C352 216 376 290 404 360C430 290 450 216 466 116"
    pen.cast(body)
    pen.line(
        "M400 112V86C400 72 422 70 422 54C422 38 396 38 394 54", COLOURS["steel"].shade, width=7
    )
    pen.line("M316 138L400 106L484 138", WALNUT.base, width=14)
    with pen.solid(body, WHITE, shade=26):
        pen.path("M150 440L256 172C266 150 282 140 302 132L212 470Z", "#FFFFFF")
        grid = "".join(f"M140 {y}H660" for y in range(140, 700, 26))
        grid += "".join(f"M{x} 100V710" for x in range(166, 650, 26))
        pen.line(grid, WHITE.shade, width=3, opacity=0.75)
        pen.line("M284 340L280 236M516 340L520 236", WHITE.line, width=3.5)
        pen.line("M406 400C410 500 406 600 408 700", WHITE.line, width=4)
        pen.line("M182 384L262 418M618 384L538 418", WHITE.line, width=3)
    collar = (
        "M334 116C352 216 376 290 404 360C430 290 450 216 466 116C496 124 508 132 512 142"
        "C496 250 468 330 412 404H396C340 330 304 250 288 142C292 132 304 124 334 116Z"
    )
    pen.body(collar, WHITE, shade=14)
    pen.line(collar, WHITE.line, width=3)
    pen.path(front + "C440 138 360 138 334 116Z", WHITE.shade)
    pen.line(front, WHITE.line, width=4)
    belt = "M278 388C350 398 450 398 522 388V420C450 432 350 432 278 420Z"
    ends = "M394 392H426V432L440 560H414L403 450L384 550H360Z"
    for piece in (belt, ends):
        pen.body(piece, WHITE, shade=16)
        pen.line(piece, WHITE.line, width=3)
    pocket = "M448 500H516V580H448Z"
    pen.line(pocket + "M292 500H352V580H292Z", WHITE.line, width=3)


def cushion(pen: Pen, tone: Tones, size: str) -> None:
    pen.shadow(400, 220)
    shape = (
        "M150 138C230 158 310 150 400 148S570 158 650 138C632 230 640 310 640 390S632 560 652 640"
        "C570 626 490 632 400 632S230 626 148 640C168 560 160 470 160 390S168 230 150 138Z"
    )
    with pen.solid(shape, tone, shade=30, drop=14):
        pen.path(
            "M176 168C260 186 340 178 440 172C330 196 232 206 214 252C200 300 198 390 204 470"
            "C184 370 190 250 176 168Z",
            tone.light,
            opacity=0.75,
        )
        weave = "".join(f"M140 {y}C300 {y + 8} 500 {y - 8} 660 {y}" for y in range(180, 630, 30))
        pen.line(weave, tone.line, width=2, opacity=0.28, dash="16 9")
        pen.line(
            "M166 152C186 200 200 220 226 240M634 152C614 200 600 220 574 240"
            "M166 626C186 590 200 566 230 548M634 626C614 590 600 566 572 548",
            tone.line,
            width=4,
            opacity=0.5,
        )
    pen.line(shape, tone.line, width=5)
    pen.line("M164 150C240 166 320 158 400 156", tone.light, width=4)


def bath_mat(pen: Pen, tone: Tones, size: str) -> None:
    mat = block(112, 210, 576, 380, round_by=30)
    pen.cast(mat, by=16)
    pen.body(mat, tone, shade=8, drop=8)
    tufts = "".join(
        block(
            112 + inset,
            210 + inset,
            576 - 2 * inset,
            380 - 2 * inset,
            round_by=max(30 - inset // 3, 5),
        )
        for inset in (26, 44, 74, 92, 110, 128, 146, 164, 182)
    )
    with pen.moved("translate(2 3)"):
        pen.line(tufts, tone.shade, width=15, dash="0.1 16")
    pen.line(tufts, tone.light, width=12, dash="0.1 16")
    pen.line(block(171, 269, 458, 262, round_by=12), tone.line, width=5, opacity=0.6)


GOODS = {
    "wool-blanket": Good(wool_blanket, "lies", colour="ink", shift=(0, 4)),
    "linen-duvet-cover": Good(linen_duvet_cover, shift=(0, -14), scale=1.02),
    "bath-towel": Good(bath_towel, "hangs", colour="white"),
    "waffle-robe": Good(waffle_robe, "hangs", shift=(0, 22), sizes={"m": 0.86, "l": 0.97}),
    "cushion": Good(cushion, colour="oxide", shift=(0, 10), scale=0.98),
    "bath-mat": Good(bath_mat, "lies", colour="white"),
}
