"""The import as it is run: `manage.py import_catalog FILE`."""

import csv
import io
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Max
from django.utils import timezone

from catalog.models import Category, Media, Option, Product, SearchDocument, Variant
from catalog.search import search_products
from catalog.selectors import variant_label
from fulfillment.models import StockLevel, StockMovement
from markets.models import BasePrice, Price
from markets.pricing import prices_in_force
from tests.factories import (
    make_category,
    make_market,
    make_tax_category,
    make_variant,
    make_warehouse,
)
from tests.storefront.catalog_import.picture_server import PNG, serve_pictures

pytestmark = pytest.mark.django_db(transaction=True)
DATA = Path(__file__).parent.parent / "data"
CATALOGUE = DATA / "catalogue_gb.csv"
SHOPIFY = DATA / "shopify_products.csv"


@pytest.fixture(autouse=True)
def _standard_taxes() -> None:
    for code in ("standard", "food"):
        make_tax_category(code)


@pytest.fixture
def picture_server() -> Iterator[str]:
    with serve_pictures() as address:
        yield address


class Run:
    """An import's output and whether it said that something was left out."""

    def __init__(self, file: Path, **options: Any) -> None:
        out, err = io.StringIO(), io.StringIO()
        self.failed = False
        try:
            call_command("import_catalog", file, stdout=out, stderr=err, **options)
        except CommandError as error:
            self.failed = error.returncode == 1
            self.message = str(error)
        self.summary = out.getvalue().strip()
        self.errors = err.getvalue().splitlines()


def _write(folder: Path, text: str) -> Path:
    file = folder / "products.csv"
    file.write_bytes(text.encode())
    return file


def _stamps() -> list[datetime | None]:
    return [
        model.objects.aggregate(last=Max("changed_at"))["last"]
        for model in (Product, Variant, Category, BasePrice, Price)
    ]


def test_whole_catalogue_is_imported_and_the_same_again_changes_nothing() -> None:
    market = make_market("gb", currency="GBP", countries=["GB"], languages={"en": "en_GB"})

    first = Run(CATALOGUE)

    rows = list(csv.DictReader(CATALOGUE.read_text().splitlines()))
    assert first.errors == []
    assert first.summary == "3,791 products: 3,791 added, 0 changed, 0 unchanged, 0 rows left out"
    assert Product.objects.filter(status="active", category__key="giftware").count() == len(rows)
    heart = Variant.objects.get(sku="85123A")
    assert heart.product.title == "White hanging heart T-light holder"
    assert heart.product.slug == "white-hanging-heart-t-light-holder"
    assert heart.base_prices.get().amount.amount == Decimal(
        next(row["price_gbp"] for row in rows if row["sku"] == "85123A")
    )
    ids = list(Variant.objects.values_list("pk", flat=True))
    assert len(prices_in_force(ids, market, now=timezone.now())) == len(rows)
    assert SearchDocument.objects.count() == 8 * len(rows)
    assert search_products("white hanging heart", language="ja")[0] == heart.product_id

    stamps = _stamps()
    second = Run(CATALOGUE)

    assert second.errors == []
    assert second.summary == "3,791 products: 0 added, 0 changed, 3,791 unchanged, 0 rows left out"
    assert _stamps() == stamps
    assert BasePrice.objects.count() == len(rows)


def test_default_category_is_translated(tmp_path: Path) -> None:
    Run(_write(tmp_path, "sku,title,price_gbp\nA1,MUG,1.00\n"))

    category = Category.objects.get()
    assert (category.key, category.name_en, category.slug_de) == (  # type: ignore[attr-defined]
        "giftware",
        "Giftware",
        "geschenkartikel",
    )
    assert category.name_ja == "ギフト雑貨"  # type: ignore[attr-defined]


BROKEN = """\
key,sku,title,price,currency,cost,category,barcode,hs_code,origin_country,tax_category,option1_name,option1_value
good,G1,Good mug,12.00,GBP,,,,,,,,
text,T1,Mug,twelve,GBP,,,,,,,,
comma,C1,Mug,"12,50",GBP,,,,,,,,
minus,M1,Mug,-3,GBP,,,,,,,,
zero,Z1,Mug,0.00,GBP,,,,,,,,
fine,F1,Mug,1.999,GBP,,,,,,,,
yen,Y1,Mug,120.50,JPY,,,,,,,,
money,N1,Mug,1.00,XXX,,,,,,,,
untitled,U1,,1.00,GBP,,,,,,,,
nosku,,Mug,1.00,GBP,,,,,,,,
noprice,P1,Mug,,GBP,,,,,,,,
categ,K1,Mug,1.00,GBP,,spaceships,,,,,,
gtin,B1,Mug,1.00,GBP,,,4006381333932,,,,,
short,B2,Mug,1.00,GBP,,,12345,,,,,
hs,H1,Mug,1.00,GBP,,,,69A2,,,,
where,O1,Mug,1.00,GBP,,,,,ZZ,,,
taxed,X1,Mug,1.00,GBP,,,,,,luxury,,
costly,Q1,Mug,1.00,GBP,cheap,,,,,,,
bad key,W1,Mug,1.00,GBP,,,,,,,,
twin,D1,Mug,1.00,GBP,,,,,,,Size,Small
twin,G1,Mug,1.00,GBP,,,,,,,Size,Large
same,S1,Mug,1.00,GBP,,,,,,,Size,Small
same,S2,Mug,1.00,GBP,,,,,,,Size,small
half,V1,Mug,1.00,GBP,,,,,,,Size,
two,E1,Mug,oops,GBP,,,1,,,,,
few,E2,Mug,1.00
quote,E3,"Mug"x,1.00,GBP,,,,,,,,
open,E4,"Mug,1.00,GBP,,,,,,,,
last,L1,Last mug,3.00,GBP,,,,,,,,
"""

REPORT = """\
line 3, price: “twelve” is not a number; write it as 12.50
line 4, price: “12,50” is not a number; write it as 12.50
line 5, price: -3 is negative
line 6, price: is zero; a price must be above zero
line 7, price: 1.999 is too fine: GBP has 2 decimals
line 8, price: 120.50 is too fine: JPY has no decimals
line 9, currency: “XXX” is no currency; write a code such as GBP
line 10, title: is missing
line 11, sku: is missing
line 12, price: is missing
line 13, category: there is no category “spaceships”
line 14, barcode: the check digit of 4006381333932 is wrong
line 15, barcode: “12345” is no barcode; write its 8, 12, 13 or 14 digits
line 16, hs_code: “69A2” is no HS code; write 6 to 12 digits
line 17, origin_country: “ZZ” is no country; write a two-letter code such as JP
line 18, tax_category: there is no tax category “luxury”
line 19, cost: “cheap” is not a number; write it as 12.50
line 20, key: “bad key” may hold only letters, digits and hyphens
line 21: left out with line 22: “twin” is imported whole or not at all
line 22, sku: G1 is on line 2 too
line 23: left out with line 24: “same” is imported whole or not at all
line 24, options: has the same options as line 23
line 25, option1_value: is missing
line 26, barcode: “1” is no barcode; write its 8, 12, 13 or 14 digits
line 26, price: “oops” is not a number; write it as 12.50
line 27: has 4 cells where the header has 13
line 28: quoting is broken: text follows a closing quote; a quote inside a text is written twice
line 29: quoting is broken: a quote is opened and not closed
"""


def test_each_broken_row_is_named_and_the_good_ones_are_imported(tmp_path: Path) -> None:
    run = Run(_write(tmp_path, BROKEN))

    assert run.errors == REPORT.splitlines()
    assert run.failed
    assert run.summary == "2 products: 2 added, 0 changed, 0 unchanged, 27 rows left out"
    assert set(Product.objects.values_list("key", flat=True)) == {"good", "last"}
    assert set(Variant.objects.values_list("sku", flat=True)) == {"G1", "L1"}
    assert not Option.objects.exists()


def test_atomic_import_takes_nothing_when_one_row_is_bad(tmp_path: Path) -> None:
    run = Run(_write(tmp_path, BROKEN), atomic=True)

    assert run.errors == REPORT.splitlines()
    assert run.failed
    assert run.summary == "0 products: 0 added, 0 changed, 0 unchanged, 29 rows left out"
    assert not Product.objects.exists()
    assert not Category.objects.exists()


def test_atomic_import_takes_all_when_every_row_is_good(tmp_path: Path) -> None:
    run = Run(_write(tmp_path, "sku,title,price_gbp\nA1,MUG,1.00\n"), atomic=True)

    assert not run.failed
    assert run.summary == "1 product: 1 added, 0 changed, 0 unchanged, 0 rows left out"


def test_dry_run_reports_and_writes_nothing(tmp_path: Path) -> None:
    make_warehouse("rtm")
    run = Run(_write(tmp_path, BROKEN), dry_run=True, stock=5, warehouse="rtm")

    assert run.errors == REPORT.splitlines()
    assert run.summary == (
        "2 products: 2 added, 0 changed, 0 unchanged, 27 rows left out"
        " (nothing was written: dry run)"
    )
    for model in (Product, Category, BasePrice, StockMovement, SearchDocument):
        assert not model.objects.exists()


OWN = """\
\ufeffkey,sku,title,description,category,price,currency,cost,barcode,weight_grams,hs_code,\
origin_country,tax_category,option1_name,option1_value,image,image_alt,stock
mug,M-S,Harbour mug,<p>Small<script>x</script></p>,table,18.00,EUR,7.40,4006381333931,310,6912.00,\
nl,standard,Size,Small,https://cdn.example.com/mug.jpg,A mug,4
mug,M-L,,,,21.00,EUR,,,420,,,,Size,Large,https://cdn.example.com/mug.jpg,,
"""


def test_own_form_brings_every_field(tmp_path: Path) -> None:
    category = make_category(key="table")
    make_warehouse("rtm")

    run = Run(_write(tmp_path, OWN), warehouse="rtm", stock=9)

    assert (run.errors, run.failed) == ([], False)
    product = Product.objects.get()
    assert (product.key, product.title, product.category) == ("mug", "Harbour mug", category)
    assert product.description == "<p>Small</p>"
    small, large = product.variants.all()
    assert (small.sku, small.barcode, small.weight_grams) == ("M-S", "4006381333931", 310)
    assert (small.hs_code, small.origin_country) == ("691200", "NL")
    assert (small.tax_category_id, large.weight_grams) == ("standard", 420)
    assert [variant_label(small), variant_label(large)] == ["Small", "Large"]
    price = small.base_prices.get()
    assert (str(price.amount.amount), str(price.amount.currency), price.cost) == (
        "18.000",
        "EUR",
        Decimal("7.400"),
    )
    picture = Media.objects.get()
    assert (picture.source_url, picture.alt) == ("https://cdn.example.com/mug.jpg", "A mug")
    levels = StockLevel.objects.order_by("variant").values_list("on_hand", flat=True)
    assert list(levels) == [4, 9]


def test_changed_rows_change_only_their_products(tmp_path: Path) -> None:
    make_market("gb", currency="GBP", countries=["GB"], languages={"en": "en_GB"})
    head = "sku,title,price_gbp,weight_grams\n"
    Run(_write(tmp_path, f"{head}A1,Mug,1.00,100\nB1,Plate,2.00,200\nC1,Bowl,3.00,300\n"))
    before = {product.key: product.changed_at for product in Product.objects.all()}

    run = Run(_write(tmp_path, f"{head}A1,Mug,1.50,100\nB1,Plate,2.00,250\nC1,Bowl,3.00,300\n"))

    assert run.summary == "3 products: 0 added, 2 changed, 1 unchanged, 0 rows left out"
    assert [str(price.amount.amount) for price in BasePrice.objects.filter(variant__sku="A1")] == [
        "1.500",
        "1.000",
    ]
    assert Variant.objects.get(sku="B1").weight_grams == 250
    after = {product.key: product.changed_at for product in Product.objects.all()}
    assert [key for key in after if after[key] != before[key]] == ["B1"]
    assert Price.objects.filter(variant__sku="A1", valid_to=None).get().base_price_id == (
        BasePrice.objects.get(variant__sku="A1", valid_to=None).pk
    )


def test_what_a_file_does_not_speak_of_stays(tmp_path: Path) -> None:
    Run(_write(tmp_path, "sku,title,price_gbp,cost,barcode\nA1,Mug,1.00,0.40,4006381333931\n"))
    Product.objects.update(brand="Kiln", status="draft")

    run = Run(_write(tmp_path, "sku,title,price_gbp\nA1,Mug,1.00\n"))

    assert run.summary == "1 product: 0 added, 0 changed, 1 unchanged, 0 rows left out"
    product = Product.objects.get()
    assert (product.brand, product.status) == ("Kiln", "draft")
    assert product.variants.get().barcode == "4006381333931"
    assert BasePrice.objects.get().cost == Decimal("0.400")


def test_sku_of_another_product_is_refused(tmp_path: Path) -> None:
    other = make_variant(sku="A1")

    run = Run(_write(tmp_path, "key,sku,title,price_gbp\nmug,A1,Mug,1.00\n"))

    assert run.errors == [f"line 2, sku: A1 belongs to the product “{other.product.key}”"]
    assert run.failed


def test_products_of_one_title_get_slugs_of_their_own(tmp_path: Path) -> None:
    Run(_write(tmp_path, "sku,title,price_gbp\nA1,MUG,1.00\nB2,MUG,2.00\n"))

    assert list(Product.objects.values_list("slug", flat=True)) == ["mug", "mug-b2"]


def test_opening_stock_is_received_once(tmp_path: Path) -> None:
    make_warehouse("rtm")
    file = _write(tmp_path, "sku,title,price_gbp\nA1,MUG,1.00\nB2,CUP,2.00\n")

    for _ in range(2):
        Run(file, stock=20, warehouse="rtm")

    assert [level.on_hand for level in StockLevel.objects.all()] == [20, 20]
    assert set(StockMovement.objects.values_list("reference", flat=True)) == {
        "opening A1",
        "opening B2",
    }


def test_shopify_file_brings_products_with_variants_options_and_pictures() -> None:
    run = Run(SHOPIFY, currency="EUR")

    assert (run.errors, run.failed) == ([], False)
    assert run.summary == "6 products: 6 added, 0 changed, 0 unchanged, 0 rows left out"
    mug = Product.objects.get(key="harbour-mug")
    assert (mug.title, mug.brand, mug.status) == ("Harbour Mug", "Kiln & Quay", "active")
    assert mug.description == (
        "<p>Thrown in <strong>small batches</strong>.</p>\n"
        "<ul><li>350 ml</li><li>Dishwasher safe</li></ul>"
    )
    assert {variant.sku: variant_label(variant) for variant in mug.variants.all()} == {
        "HM-CEL-S": "Celadon, Small",
        "HM-CEL-L": "Celadon, Large",
        "HM-INK-S": "Ink, Small",
        "HM-INK-L": "Ink, Large",
    }
    first = mug.variants.all()[0]
    assert (first.weight_grams, first.barcode) == (310, "4006381333931")
    assert BasePrice.objects.get(variant=first).cost == Decimal("7.400")
    assert [(row.alt, row.variant and row.variant.sku) for row in mug.media.all()] == [
        ("Celadon mug on a quay wall", "HM-CEL-S"),
        ("", "HM-CEL-L"),
        ("Two hands around a mug", None),
    ]
    flags = Variant.objects.get(sku="SFB-01")
    assert variant_label(flags) == ""
    assert "javascript" not in flags.product.description
    statuses = dict(Product.objects.values_list("key", "status"))
    assert (statuses["brass-compass"], statuses["tide-table-2027"]) == ("draft", "draft")
    doormats = Variant.objects.filter(product__key="rope-doormat").values_list("sku", flat=True)
    assert list(doormats) == ["rope-doormat-45-75-cm", "rope-doormat-60-90-cm"]

    stamps = _stamps()
    again = Run(SHOPIFY, currency="EUR")
    assert again.summary == "6 products: 0 added, 0 changed, 6 unchanged, 0 rows left out"
    assert _stamps() == stamps


def test_shopify_product_with_a_bad_variant_is_left_out_whole(tmp_path: Path) -> None:
    text = SHOPIFY.read_text().replace(",21.00,,TRUE,TRUE,,,,,", ",21.005,,TRUE,TRUE,,,,,")

    run = Run(_write(tmp_path, text), currency="EUR")

    assert run.failed
    assert run.summary == "5 products: 5 added, 0 changed, 0 unchanged, 5 rows left out"
    assert "line 6, variant price: 21.005 is too fine: EUR has 2 decimals" in run.errors
    assert not Product.objects.filter(key="harbour-mug").exists()


def test_shopify_headers_are_read_in_their_newer_spelling(tmp_path: Path) -> None:
    text = (
        "Title,URL handle,Description,Vendor,Type,Status,SKU,Barcode,Option1 name,Option1 value,"
        "Price,Cost per item,Weight value (grams),Product image URL\n"
        "Mug,mug,<p>Good</p>,Kiln,Mugs,Active,M1,,Size,Small,18.00,7.00,310.0,"
        "https://cdn.example.com/mug.jpg\n"
        ",mug,,,,,M2,,,Large,21.00,,400,\n"
    )

    run = Run(_write(tmp_path, text), currency="EUR")

    assert run.errors == []
    product = Product.objects.get()
    assert (product.key, product.brand, product.description) == ("mug", "Kiln", "<p>Good</p>")
    assert [(row.sku, row.weight_grams) for row in product.variants.all()] == [
        ("M1", 310),
        ("M2", 400),
    ]
    assert [variant_label(row) for row in product.variants.all()] == ["Small", "Large"]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "The file is empty."),
        ("name,cost\nMug,1\n", {}, "The header is neither ours"),
        ("sku,title,sku,price\n", {}, "The header names a column twice: sku."),
        ("sku,title,price_gbp,price_eur\n", {}, "several prices: price_gbp, price_eur"),
        ("sku,title,price_abc\n", {}, "price_abc names no currency"),
        ("Handle,Title,Variant Price\n", {}, "say it with --currency"),
        ("sku,title,price\n", {"currency": "pounds"}, "--currency “pounds” is no currency"),
        ("sku,title,price_gbp\n", {"category": "nowhere"}, "There is no category “nowhere”."),
        ("sku,title,price_gbp\n", {"stock": 3}, "--warehouse"),
        ("sku,title,price_gbp\n", {"warehouse": "moon"}, "There is no warehouse “moon”."),
    ],
)
def test_file_or_option_that_makes_no_sense_is_refused(
    tmp_path: Path, text: str, options: dict[str, Any], message: str
) -> None:
    run = Run(_write(tmp_path, text), **options)

    assert run.failed
    assert message in run.message


def test_file_that_is_missing_too_large_or_utf_16_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "cannot be read" in Run(tmp_path / "nothing.csv").message
    file = tmp_path / "wide.csv"
    file.write_bytes("sku,title,price_gbp\n".encode("utf-16"))
    assert "UTF-16" in Run(file).message
    monkeypatch.setattr("storefront.catalog_import.table.MAX_BYTES", 10)
    assert "at most 10 are read" in Run(_write(tmp_path, "sku,title,price_gbp\n")).message


def test_rows_of_other_encodings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "latin.csv"
    file.write_bytes("sku,title,price_gbp\nA1,Café,1.00\nB1,Mug,1.00\n".encode("latin-1"))

    run = Run(file)

    assert run.errors == ["line 2, title: is not UTF-8; save the file as UTF-8"]
    assert list(Product.objects.values_list("key", flat=True)) == ["B1"]


def test_lines_are_counted_through_texts_of_several_lines(tmp_path: Path) -> None:
    text = 'sku;title;description;price_gbp\r\nA1;Mug;"two\r\nlines";1.00\r\n\r\nB1;Cup;;x\r\n'

    run = Run(_write(tmp_path, text))

    assert run.errors == ["line 5, price_gbp: “x” is not a number; write it as 12.50"]
    assert Product.objects.get().description == "two\nlines"


def test_columns_that_mean_nothing_are_mentioned(tmp_path: Path) -> None:
    run = Run(_write(tmp_path, "sku,title,price_gbp,wieght_grams\nA1,Mug,1.00,5\n"))

    assert run.errors == ["Columns that mean nothing here: wieght_grams."]
    assert not run.failed


def test_pictures_are_fetched_and_those_that_cannot_be_are_named(
    tmp_path: Path, picture_server: str, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    text = (
        "sku,title,price_gbp,image\n"
        f"A1,Mug,1.00,{picture_server}/mug.png\nB1,Cup,1.00,{picture_server}/page\n"
    )
    file = _write(tmp_path, text)
    refused = Run(file, fetch_images=True)
    assert [error.rpartition(": ")[2] for error in refused.errors] == [
        "127.0.0.1 is in a private network"
    ] * 2

    run = Run(file, fetch_images=True, allow_private_addresses=True)

    assert run.failed
    assert run.errors == [f"{picture_server}/page: it is text/html, not a picture"]
    assert run.summary.splitlines()[-1] == "2 pictures: 1 fetched, 1 not available"
    mug, cup = Media.objects.order_by("product__key")
    assert mug.file.read() == PNG
    assert str(mug.file.name).startswith("products/A1-1")
    mug.file.close()
    assert not cup.file

    again = Run(file, fetch_images=True, allow_private_addresses=True)
    assert again.summary.splitlines()[-1] == "1 picture: 0 fetched, 1 not available"
