"""Still lifes: a few goods of each category, and goods from everywhere on the quay."""

from dataclasses import dataclass

from .frames import prefix_of, set_down, sheet
from .good import Good
from .palette import GROUNDS, INK, mix
from .shapes import Pen

QUAY = "#C9BCA6"
SKY = "#EDE6D9"
HARBOUR = "#5F928E"


@dataclass(frozen=True)
class Placed:
    """A good in a still life, its foot (or middle) at x, y."""

    key: str
    x: float
    y: float
    scale: float
    colour: str | None = None
    size: str | None = None


# Painted in this order: what stands behind comes first.
CATEGORY_SCENES: dict[str, tuple[Placed, ...]] = {
    "tea-coffee": (
        Placed("tea-tin", 372, 500, 0.66, "mustard"),
        Placed("matcha-whisk", 856, 500, 0.58),
        Placed("stoneware-teapot", 616, 520, 0.82, "celadon"),
    ),
    "kitchen": (
        Placed("olive-wood-board", 420, 500, 0.78, size="large"),
        Placed("salt-mill", 872, 506, 0.62, "natural"),
        Placed("cast-iron-casserole", 604, 524, 0.74, "oxide"),
    ),
    "table": (
        Placed("water-carafe", 352, 502, 0.76),
        Placed("wine-glasses", 868, 508, 0.74),
        Placed("soup-bowl", 572, 526, 0.6, "sand"),
    ),
    "pantry": (
        Placed("olive-oil", 396, 502, 0.78),
        Placed("coffee-beans", 828, 504, 0.7),
        Placed("wildflower-honey", 602, 524, 0.6),
    ),
    "home-textiles": (
        Placed("bath-towel", 356, 268, 0.64, "teal"),
        Placed("cushion", 824, 506, 0.66, "sand"),
        Placed("cushion", 636, 528, 0.62, "oxide"),
    ),
    "light-decor": (
        Placed("round-mirror", 590, 214, 0.5, size="small"),
        Placed("ceramic-vase", 348, 512, 0.76, "rose"),
        Placed("desk-lamp", 886, 520, 0.76, "black"),
    ),
    "desk": (
        Placed("dotted-notebook", 320, 300, 0.8, "teal"),
        Placed("desk-tray", 890, 304, 0.64),
        Placed("fountain-pen", 584, 300, 0.62, "black"),
    ),
    "travel-outdoors": (
        Placed("rucksack", 386, 504, 0.76, "mustard"),
        Placed("weekender", 700, 512, 0.76, "forest"),
        Placed("enamel-mug", 986, 530, 0.34, "white"),
    ),
}

HOME_SCENE: tuple[Placed, ...] = (
    Placed("rucksack", 196, 642, 0.58, "mustard"),
    Placed("watering-can", 480, 642, 0.47, "teal"),
    Placed("ceramic-vase", 1046, 642, 0.6, "rose"),
    Placed("cast-iron-casserole", 1276, 642, 0.44, "ink"),
    Placed("olive-oil", 1470, 642, 0.54),
    Placed("stoneware-teapot", 790, 646, 0.66, "celadon"),
)


def still_life(category: str, goods: dict[str, Good]) -> str:
    """Return a category's picture, 1200 x 600."""
    pen = Pen(prefix_of(category))
    placed = CATEGORY_SCENES[category]
    tint = GROUNDS[category]
    pen.path("M0 0H1200V600H0Z", tint)
    if any(goods[item.key].stance == "stands" for item in placed):
        pen.path("M0 440H1200V600H0Z", mix(tint, INK, share=0.055))
    _arrange(pen, placed, goods)
    return sheet(pen, width=1200, height=600)


def quay(goods: dict[str, Good]) -> str:
    """Return the home page's picture, 1600 x 800: goods on the quay before the warehouses."""
    pen = Pen(prefix_of("home"))
    pen.path("M0 0H1600V800H0Z", SKY)
    _warehouses(pen)
    pen.path("M0 616H1600V690H0Z", QUAY)
    pen.path("M0 616H1600V622H0Z", mix(QUAY, "#FFFFFF", share=0.45))
    pen.path("M0 674H1600V696H0Z", mix(QUAY, INK, share=0.28))
    seams = "".join(f"M{x} 676V694" for x in range(90, 1600, 142))
    pen.line(seams, mix(QUAY, INK, share=0.5), width=2.5)
    pen.path("M0 696H1600V800H0Z", HARBOUR)
    pen.path("M0 696H1600V712H0Z", mix(HARBOUR, INK, share=0.3))
    ripples = (
        "M80 742h150M300 766h90M520 738h220M820 770h130M1010 744h90M1180 762h180M1420 738h110"
        "M180 782h60M640 784h70M1300 786h60"
    )
    pen.line(ripples, mix(HARBOUR, "#FFFFFF", share=0.3), width=3)
    _arrange(pen, HOME_SCENE, goods)
    return sheet(pen, width=1600, height=800)


def _warehouses(pen: Pen) -> None:
    far, near = mix(SKY, INK, share=0.045), mix(SKY, INK, share=0.085)
    window = mix(SKY, INK, share=0.14)
    for x, width, eave in ((60, 210, 300), (560, 190, 330), (960, 200, 290), (1400, 220, 320)):
        pen.path(f"M{x} 620V{eave}l{width / 2:g} -110l{width / 2:g} 110V620Z", far)
    for x, width, eave in (
        (230, 190, 340),
        (420, 170, 300),
        (730, 240, 270),
        (1140, 180, 330),
        (1320, 150, 290),
    ):
        pen.path(
            f"M{x} 620V{eave}l{width / 2:g} -{width * 0.5:g}l{width / 2:g} {width * 0.5:g}V620Z",
            near,
        )
        middle = x + width / 2
        for row in range(4):
            y = eave + 24 + row * 64
            pen.path(
                "".join(
                    f"M{middle + dx - 9:g} {y}h18v30h-18Z"
                    for dx in (-width * 0.27, 0, width * 0.27)
                ),
                window,
            )


def _arrange(pen: Pen, placed: tuple[Placed, ...], goods: dict[str, Good]) -> None:
    for item in placed:
        set_down(
            pen,
            goods[item.key],
            colour=item.colour,
            size=item.size,
            at=(item.x, item.y),
            scale=item.scale,
        )
