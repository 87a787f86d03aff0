"""The goods of the demo shop, drawn: one hand, one light, one table."""

from . import (
    desk,
    home_textiles,
    kitchen,
    light_decor,
    pantry,
    table,
    tea_coffee,
    travel_outdoors,
)
from .frames import frame
from .good import Good
from .scenes import quay, still_life

SHELVES: dict[str, dict[str, Good]] = {
    "tea-coffee": tea_coffee.GOODS,
    "kitchen": kitchen.GOODS,
    "table": table.GOODS,
    "pantry": pantry.GOODS,
    "home-textiles": home_textiles.GOODS,
    "light-decor": light_decor.GOODS,
    "desk": desk.GOODS,
    "travel-outdoors": travel_outdoors.GOODS,
}
_GOODS = {key: good for goods in SHELVES.values() for key, good in goods.items()}
_CATEGORY_OF = {key: category for category, goods in SHELVES.items() for key in goods}


def draw(product_key: str, *, colour: str | None = None, size: str | None = None) -> str:
    """Return a product's picture as an SVG document of 800 x 800.

    Raises KeyError for a product or colour that does not exist.
    """
    category = _CATEGORY_OF[product_key]
    good = SHELVES[category][product_key]
    return frame(good, key=product_key, category=category, colour=colour, size=size)


def draw_category(key: str) -> str:
    """Return a category's still life as an SVG document of 1200 x 600.

    Raises KeyError for a category that does not exist.
    """
    return still_life(key, SHELVES[key])


def draw_home() -> str:
    """Return the home page's picture as an SVG document of 1600 x 800."""
    return quay(_GOODS)
