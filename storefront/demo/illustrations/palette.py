"""Tones of goods and tints of grounds: the one place where a colour is decided."""

from typing import NamedTuple


class Tones(NamedTuple):
    """One colour in the light that falls on it; `line` is readable on `base`."""

    light: str
    base: str
    shade: str
    line: str


PAPER = "#F6F2EA"
INK = "#1F2A33"
OXIDE = "#A8442A"
GLOW = "#FBE3A6"

COLOURS: dict[str, Tones] = {
    "celadon": Tones("#BFD3C0", "#9DB8A0", "#7F9E86", "#55735E"),
    "ink": Tones("#455562", "#1F2A33", "#131B22", "#6E7F8C"),
    "oxide": Tones("#C46B50", "#A8442A", "#87331E", "#5E2213"),
    "sand": Tones("#EADBC3", "#D8C3A5", "#BCA480", "#8C7654"),
    "teal": Tones("#4C9692", "#1F6F6B", "#165450", "#0E3A38"),
    "mustard": Tones("#E0B961", "#C8962E", "#A5791E", "#755411"),
    "steel": Tones("#C8CED1", "#9AA3A8", "#778187", "#515B61"),
    "black": Tones("#58595D", "#2A2B2D", "#1A1B1C", "#7B7D82"),
    "white": Tones("#FFFFFF", "#F4F1EA", "#D8D2C5", "#A39B8C"),
    "natural": Tones("#ECE0C9", "#D9C7A7", "#BCA781", "#8A7551"),
    "forest": Tones("#657D66", "#3E5641", "#2C4030", "#1B2A1E"),
    "rose": Tones("#E0B5AD", "#C98F84", "#AC6F64", "#7F4A41"),
}

# Materials that are no choice of the shopper.
OAK = Tones("#DDBC8D", "#C8A06C", "#A87F4E", "#7B5A33")
BEECH = Tones("#EBD3AE", "#DBBC8F", "#BC9A6B", "#8C6D44")
WALNUT = Tones("#8D6748", "#6B4A33", "#4F3524", "#38241A")
OLIVE_WOOD = Tones("#DDBB80", "#C4995E", "#A07745", "#74502A")
BAMBOO = Tones("#E9D7A4", "#D6BD7E", "#B59A58", "#85703A")
BRASS = Tones("#EACE8A", "#CBA550", "#A17E33", "#705622")
LEATHER = Tones("#B98357", "#98633B", "#774A2A", "#54321B")
KRAFT = Tones("#DBC19B", "#C6A77C", "#A6875D", "#776041")
CHOCOLATE = Tones("#70503F", "#513629", "#3B261C", "#2A1A13")
WAX = Tones("#F3D48A", "#E3B653", "#C39334", "#94691D")
AMBER = Tones("#F2C25C", "#DD9A2B", "#B97618", "#84500D")
BOTTLE = Tones("#6B7F52", "#44592F", "#314221", "#202D15")
LEAF = Tones("#8FA56B", "#647F45", "#4A6232", "#334522")
CLAY = Tones("#C9A284", "#B08765", "#92694A", "#6B4A32")

GROUNDS: dict[str, str] = {
    "tea-coffee": "#F0DDD1",
    "kitchen": "#DFE5D4",
    "table": "#D6E1E7",
    "pantry": "#F2E4BE",
    "home-textiles": "#E3DAE2",
    "light-decor": "#C9D5D4",
    "desk": "#E5E0DA",
    "travel-outdoors": "#D0E0D6",
}


def mix(colour: str, other: str, *, share: float) -> str:
    """Mix two #RRGGBB colours; `share` (0 to 1) is how much of `other` goes in."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02X}" for a, b in pairs)
