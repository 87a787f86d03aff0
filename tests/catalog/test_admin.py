from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Manufacturer,
    Media,
    Option,
    OptionValue,
    Product,
)
from tests.factories import make_category, make_product, make_variant

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(admin_client: Client) -> Any:
    def get(name: str, *args: Any, **query: str) -> str:
        response = admin_client.get(reverse(f"admin:catalog_{name}", args=args), query)
        assert response.status_code == 200
        return response.content.decode()

    return get


@pytest.mark.parametrize(
    "model",
    ["category", "product", "variant", "option", "optionvalue", "attribute", "attributechoice",
     "taxcategory", "media", "manufacturer", "responsibleperson"],
)  # fmt: skip
def test_admin_lists_and_adds_without_strangers_servers(page: Any, model: str) -> None:
    for html in (page(f"{model}_changelist"), page(f"{model}_add")):
        assert 'src="http' not in html
        assert 'rel="stylesheet" href="http' not in html


@pytest.mark.parametrize("words", ["Celadon", "SKU-CEL", "4006381333931"])
def test_products_are_found_by_title_sku_and_barcode(page: Any, words: str) -> None:
    product = make_product(title_en="Celadon mug")
    make_variant(product, sku="SKU-CEL", barcode="4006381333931")
    make_product(title_en="Desk lamp")

    html = page("product_changelist", q=words)

    assert "Celadon mug" in html
    assert "Desk lamp" not in html


def test_list_of_products_asks_no_more_for_many(
    page: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(12):
        product = make_product(category=make_category())
        make_variant(product)
        Media.objects.create(product=product, source_url=f"https://example.com/{number}.jpg")

    with django_assert_max_num_queries(13):
        page("product_changelist")


def test_categories_are_shown_as_a_tree(page: Any) -> None:
    last = make_category(name_en="Zinc", position=2)
    first = make_category(name_en="Acorn", position=1)
    make_category(name_en="Below", parent=first)

    html = page("category_changelist")

    assert html.index("Acorn") < html.index("Below") < html.index(last.name)
    assert 'padding-inline-start: 1.5em">Below' in html


def _form(product: Product, **changes: str) -> dict[str, str]:
    empty = {
        f"{prefix}-{name}": "0"
        for prefix in ("variants", "media", "attributes", "safety")
        for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }
    return {
        "key": product.key,
        "status": product.status,
        "title_en": product.title,
        "slug_en": product.slug,
        **empty,
        **changes,
    }


def test_description_is_cleaned_when_it_is_saved(admin_client: Client) -> None:
    product = make_product()

    response = admin_client.post(
        reverse("admin:catalog_product_change", args=[product.pk]),
        _form(product, description_de="<p>Gut<script>alert(1)</script></p>", title_de="Becher"),
    )

    assert response.status_code == 302
    product = Product.objects.get()
    assert product.description_de == "<p>Gut</p>"  # type: ignore[attr-defined]
    assert product.slug_de is None  # type: ignore[attr-defined]


def test_category_cannot_be_put_below_itself(admin_client: Client) -> None:
    top = make_category()
    below = make_category(parent=top)

    response = admin_client.post(
        reverse("admin:catalog_category_change", args=[top.pk]),
        {
            "key": top.key,
            "name_en": top.name,
            "slug_en": top.slug,
            "position": "0",
            "parent": str(below.pk),
        },
    )

    assert response.status_code == 200
    assert Category.objects.get(pk=top.pk).parent is None


def test_picture_without_file_and_address_is_refused(admin_client: Client) -> None:
    product = make_product()
    row = {f"media-0-{name}": "" for name in ("file", "source_url", "variant", "alt_en")}

    response = admin_client.post(
        reverse("admin:catalog_product_change", args=[product.pk]),
        _form(product, **row, **{"media-TOTAL_FORMS": "1", "media-0-position": "7"}),
    )

    assert response.status_code == 200
    assert not Media.objects.exists()


def test_value_of_another_option_is_refused(admin_client: Client) -> None:
    variant = make_variant()
    size = Option.objects.create(code="size", name="Size")
    colour = Option.objects.create(code="colour", name="Colour")
    red = OptionValue.objects.create(option=colour, code="red", name="Red")

    def choose(option: Option) -> int:
        data = {
            "product": variant.product_id, "sku": variant.sku, "weight_grams": 1, "position": 0,
            "tax_category": "standard", "options-TOTAL_FORMS": 1, "options-INITIAL_FORMS": 0,
            "options-0-option": option.pk, "options-0-value": red.pk,
        }  # fmt: skip
        address = reverse("admin:catalog_variant_change", args=[variant.pk])
        return admin_client.post(address, data).status_code

    assert choose(size) == 200
    assert not variant.options.exists()
    assert choose(colour) == 302
    assert variant.options.get().value == red


def test_choice_of_another_attribute_is_refused(admin_client: Client) -> None:
    product = make_product()
    care = Attribute.objects.create(code="care", name="Care")
    material = Attribute.objects.create(code="material", name="Material")
    clay = AttributeChoice.objects.create(attribute=material, code="clay", name="Clay")

    def choose(attribute: Attribute) -> int:
        row = {"attributes-TOTAL_FORMS": "1", "attributes-0-attribute": str(attribute.pk),
               "attributes-0-choice": str(clay.pk)}  # fmt: skip
        address = reverse("admin:catalog_product_change", args=[product.pk])
        return admin_client.post(address, _form(product, **row)).status_code

    assert choose(care) == 200
    assert choose(material) == 302
    assert product.attributes.get().choice == clay


def test_safety_is_kept_with_the_product(admin_client: Client) -> None:
    product = make_product()
    maker = Manufacturer.objects.create(
        name="Kiln", address="Weg 1", country="DE", email="a@example.com"
    )
    row = {"safety-TOTAL_FORMS": "1", "safety-0-manufacturer": str(maker.pk),
           "safety-0-warnings_de": "Heiß."}  # fmt: skip

    response = admin_client.post(
        reverse("admin:catalog_product_change", args=[product.pk]), _form(product, **row)
    )

    assert response.status_code == 302
    safety: Any = Product.objects.get().safety
    assert (safety.manufacturer, safety.warnings_de, safety.warnings_en) == (maker, "Heiß.", "")
    assert safety.warnings == ""  # No other language stands in.


def test_manufacturer_without_an_electronic_address_is_refused(admin_client: Client) -> None:
    data = {"name": "Kiln", "address": "Weg 1", "country": "DE", "email": "", "website": ""}

    response = admin_client.post(reverse("admin:catalog_manufacturer_add"), data)

    assert response.status_code == 200
    assert "Write an e-mail address or a website" in response.content.decode()
    assert not Manufacturer.objects.exists()


def test_hazards_and_content_of_a_variant_are_kept(admin_client: Client) -> None:
    variant = make_variant()

    def save(**changes: Any) -> int:
        data = {
            "product": variant.product_id, "sku": variant.sku, "weight_grams": 1, "position": 0,
            "tax_category": "standard", "options-TOTAL_FORMS": 0, "options-INITIAL_FORMS": 0,
            **changes,
        }  # fmt: skip
        address = reverse("admin:catalog_variant_change", args=[variant.pk])
        return admin_client.post(address, data).status_code

    assert save(hazards=["haunted"]) == 200
    assert save(content_amount="100") == 200
    assert save(hazards=["blade", "magnetic"], content_amount="100", content_unit="g") == 302
    variant.refresh_from_db()
    assert variant.hazards == ["blade", "magnetic"]
    assert (variant.content_amount, variant.content_unit) == (Decimal(100), "g")
    assert save() == 302
    variant.refresh_from_db()
    assert (variant.hazards, variant.content_amount) == ([], None)
