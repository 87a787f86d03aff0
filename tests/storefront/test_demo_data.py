import json
import re
import tomllib
from collections import Counter
from decimal import Decimal
from importlib.resources import files
from typing import Any

import pytest

from storefront.demo.illustrations.palette import COLOURS, GROUNDS

DATA = files("storefront.demo") / "data"
CATALOGUE: dict[str, Any] = tomllib.loads((DATA / "products.toml").read_text("utf-8"))
CATEGORIES: dict[str, Any] = tomllib.loads((DATA / "categories.toml").read_text("utf-8"))
PRODUCTS: list[dict[str, Any]] = CATALOGUE["products"]
VARIANTS: list[dict[str, Any]] = [v for product in PRODUCTS for v in product["variants"]]
TERMS: dict[str, Any] = json.loads((DATA / "texts" / "terms.json").read_text("utf-8"))


def _ean_is_valid(code: str) -> bool:
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(code))
    return len(code) == 13 and total % 10 == 0


def test_catalogue_holds_48_products_and_93_variants() -> None:
    assert len(PRODUCTS) == len({product["key"] for product in PRODUCTS}) == 48
    assert len(VARIANTS) == 93


def test_categories_are_those_of_the_products_in_order() -> None:
    keys = [category["key"] for category in CATEGORIES["categories"]]

    assert keys == list(dict.fromkeys(product["category"] for product in PRODUCTS))
    assert Counter(product["category"] for product in PRODUCTS) == dict.fromkeys(keys, 6)


def test_category_is_shown_by_one_of_its_own_goods() -> None:
    category_of = {product["key"]: product["category"] for product in PRODUCTS}

    for category in CATEGORIES["categories"]:
        assert category_of[category["picture"]] == category["key"]


def test_tints_and_swatches_are_those_of_the_drawings() -> None:
    assert {c["key"]: c["ground"] for c in CATEGORIES["categories"]} == GROUNDS
    assert CATEGORIES["colours"] == {key: tones.base for key, tones in COLOURS.items()}


def test_skus_and_barcodes_are_unique() -> None:
    assert len({variant["sku"] for variant in VARIANTS}) == 93
    assert len({variant["barcode"] for variant in VARIANTS}) == 93


@pytest.mark.parametrize("code", ["2904100001013", "290410000101", "2904100010012"])
def test_wrong_barcode_is_noticed(code: str) -> None:
    assert not _ean_is_valid(code)


def test_barcodes_are_internal_and_their_check_digit_is_right() -> None:
    for variant in VARIANTS:
        assert 200 <= int(variant["barcode"][:3]) <= 299
        assert _ean_is_valid(variant["barcode"])


def test_codes_have_their_form() -> None:
    for product in PRODUCTS:
        assert re.fullmatch(r"\d{6}", product["hs_code"])
        assert re.fullmatch(r"[A-Z]{2}", product["origin"])
        assert product["hazard"] == ""
    for variant in VARIANTS:
        assert re.fullmatch(r"[A-Z]{3}(-[A-Z]+){1,2}", variant["sku"])


def test_food_and_books_have_their_tax_category() -> None:
    for product in PRODUCTS:
        expected = "food" if product["category"] == "pantry" else "standard"
        expected = "books" if product["key"] == "cookbook" else expected
        assert product["tax_category"] == expected


def test_variants_of_a_product_share_one_axis_and_differ_on_it() -> None:
    for product in PRODUCTS:
        options = [variant["options"] for variant in product["variants"]]
        axes = {tuple(option) for option in options}
        assert axes in ({()}, {("colour",)}, {("size",)})
        assert len({tuple(option.values()) for option in options}) == len(options)


def test_goods_earn_more_than_they_cost() -> None:
    for variant in VARIANTS:
        price, cost = Decimal(variant["price_eur"]), Decimal(variant["cost_eur"])
        assert Decimal(5) <= price <= Decimal(240)
        assert price.as_tuple().exponent == cost.as_tuple().exponent == -2
        assert Decimal("0.3") < cost / price < Decimal("0.5")


def test_sizes_differ_in_price() -> None:
    for product in PRODUCTS:
        prices = [v["price_eur"] for v in product["variants"] if "size" in v["options"]]
        assert len(set(prices)) == len(prices)


def test_measures_are_those_of_goods_one_can_post() -> None:
    for variant in VARIANTS:
        assert 50 <= variant["weight_grams"] <= 10_000
        for side in ("length_mm", "width_mm", "height_mm"):
            assert 10 <= variant[side] <= 800


def test_option_values_and_attributes_have_names() -> None:
    for product in PRODUCTS:
        for variant in product["variants"]:
            for axis, value in variant["options"].items():
                assert value in TERMS["values"][axis]
        for code, value in product["attributes"].items():
            assert code in TERMS["attributes"]
            if code in TERMS["attribute_values"]:
                assert value in TERMS["attribute_values"][code]
