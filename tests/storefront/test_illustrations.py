import tomllib
from importlib.resources import files
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from storefront.demo.illustrations import SHELVES, draw, draw_category, draw_home
from storefront.demo.illustrations.palette import COLOURS, GROUNDS, mix
from storefront.demo.illustrations.shapes import Pen, block, turned

SVG = "{http://www.w3.org/2000/svg}"
DRAWN_WITH = {"svg", "g", "path", "circle", "ellipse", "rect", "clipPath"}
LARGEST_PICTURE_BYTES = 6_000
LARGEST_SCENE_BYTES = 30_000


def _data(name: str) -> dict[str, Any]:
    return tomllib.loads((files("storefront.demo") / "data" / name).read_text("utf-8"))


PRODUCTS = _data("products.toml")["products"]
VARIANTS = [
    pytest.param(product["key"], variant["options"], id=variant["sku"])
    for product in PRODUCTS
    for variant in product["variants"]
]


def _draw(key: str, options: dict[str, str]) -> str:
    return draw(key, colour=options.get("colour"), size=options.get("size"))


def _parsed(svg: str) -> Element:
    root: Element = fromstring(svg)
    return root


def _assert_self_contained(root: Element) -> None:
    names = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert names <= DRAWN_WITH
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    for element in root.iter():
        assert not (element.text or "").strip()
        for name, value in element.attrib.items():
            assert "href" not in name
            assert not name.startswith("on")
            if "url(" in value:
                assert value.removeprefix("url(#").removesuffix(")") in ids


@pytest.mark.parametrize(("key", "options"), VARIANTS)
def test_picture_is_small_and_self_contained(key: str, options: dict[str, str]) -> None:
    svg = _draw(key, options)

    assert len(svg.encode()) < LARGEST_PICTURE_BYTES
    root = _parsed(svg)
    assert (root.get("viewBox"), root.get("role")) == ("0 0 800 800", "img")
    _assert_self_contained(root)


def test_pictures_of_all_variants_differ() -> None:
    svgs = [
        _draw(product["key"], v["options"]) for product in PRODUCTS for v in product["variants"]
    ]

    assert len(set(svgs)) == len(svgs)


def test_picture_shows_the_colour_of_its_variant() -> None:
    for product in PRODUCTS:
        for variant in product["variants"]:
            colour = variant["options"].get("colour")
            if colour:
                assert COLOURS[colour].base in _draw(product["key"], variant["options"])


def test_picture_is_the_same_each_time() -> None:
    assert draw("stoneware-teapot", colour="ink") == draw("stoneware-teapot", colour="ink")


def test_ids_of_two_pictures_differ() -> None:
    ids = [
        {element.get("id") for element in _parsed(draw("tea-tin", colour=colour)).iter()} - {None}
        for colour in ("teal", "oxide")
    ]

    assert ids[0]
    assert ids[0].isdisjoint(ids[1])


def test_larger_size_is_drawn_larger() -> None:
    assert "scale(1.15)" in draw("pour-over-dripper", size="large")
    assert "scale(0.874)" in draw("pour-over-dripper", size="small")


def test_unknown_product_and_colour_are_refused() -> None:
    with pytest.raises(KeyError):
        draw("anchor")
    with pytest.raises(KeyError):
        draw("tea-tin", colour="plaid")


def test_shelves_hold_what_the_catalogue_lists() -> None:
    shelves = [(category, key) for category, goods in SHELVES.items() for key in goods]

    assert shelves == [(product["category"], product["key"]) for product in PRODUCTS]


@pytest.mark.parametrize("category", SHELVES)
def test_category_scene_is_self_contained(category: str) -> None:
    svg = draw_category(category)

    assert len(svg.encode()) < LARGEST_SCENE_BYTES
    assert GROUNDS[category] in svg
    root = _parsed(svg)
    assert root.get("viewBox") == "0 0 1200 600"
    _assert_self_contained(root)


def test_home_scene_is_self_contained() -> None:
    svg = draw_home()

    assert len(svg.encode()) < LARGEST_SCENE_BYTES
    root = _parsed(svg)
    assert root.get("viewBox") == "0 0 1600 800"
    _assert_self_contained(root)


def test_turned_body_mirrors_its_profile() -> None:
    assert turned((10, 0), (20, 5), (20, 10, 15, 15, 5, 20), axis=100) == (
        "M110 0L120 5C120 10 115 15 105 20L95 20C85 15 80 10 80 5L90 0Z"
    )


def test_block_without_rounding_has_square_corners() -> None:
    assert block(1, 2, 3, 4) == "M1 2h3v4h-3Z"


def test_mix_meets_half_way() -> None:
    assert mix("#000000", "#FF8002", share=0.5) == "#804001"


def test_pen_closes_what_it_clips() -> None:
    pen = Pen("a")
    with pen.within("M0 0H1V1Z"):
        pen.dot(0, 0, 1, "#000000")

    assert pen.svg() == (
        '<clipPath id="a1"><path d="M0 0H1V1Z"/></clipPath><g clip-path="url(#a1)">'
        '<circle cx="0" cy="0" r="1" fill="#000000"/></g>'
    )
