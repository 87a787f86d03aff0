"""What law keeps from being sold: facts that are missing, bars, restrictions, unit prices."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import Hazard, Manufacturer, Media, Product, ProductSafety, ResponsiblePerson
from catalog.reference import one_reference
from markets.legality import (
    Content,
    ObstacleProblem,
    describe_obstacle,
    find_unit_price,
    list_obstacles,
    list_standings,
    refused_products,
    unsellable,
)
from markets.legality.rules import Obstacle, judge
from markets.legality.unit_prices import compute_unit_price
from markets.models import Market, ProductRestriction, PublishingRule, UnitPriceRule
from tests.factories import NOW, make_category, make_market, make_product, make_variant

DAY = date(2026, 11, 24)
SINCE = date(2024, 12, 13)


def demand(country: str, fact: str = "safety", **fields: Any) -> PublishingRule:
    defaults = {"area": "EU" if fact == "safety" else "", "valid_from": SINCE}
    return PublishingRule.objects.create(country=country, fact=fact, **{**defaults, **fields})


def bar(country: str, **fields: Any) -> ProductRestriction:
    defaults = {"effect": "barred", "reason": "law", "valid_from": SINCE}
    return ProductRestriction.objects.create(country=country, **{**defaults, **fields})


def make_maker(country: str = "DE") -> Manufacturer:
    return Manufacturer.objects.get_or_create(
        name=f"Maker {country}",
        defaults={"address": "Weg 1", "country": country, "email": "maker@example.com"},
    )[0]


def make_safe(product: Product, country: str = "DE", **fields: Any) -> ProductSafety:
    Media.objects.create(product=product, source_url="https://example.com/a.jpg")
    return ProductSafety.objects.create(
        product=product, manufacturer=make_maker(country), **{"needs_no_warnings": True, **fields}
    )


def good(**fields: Any) -> Product:
    return make_variant(make_product(), **fields).product


def problems(product: Product, market: Market, *, on: date = DAY, **where: str) -> list[str]:
    found = list_obstacles([product.pk], market, on, **where).get(product.pk, ())
    by_query = unsellable(market, on)
    if not where:  # What lists leave out is what is told of each.
        assert bool(found) == (by_query is not None and product in by_query)
    return [obstacle.problem.value for obstacle in found]


@pytest.mark.django_db
def test_product_without_facts_is_not_sold_where_they_are_wanted_and_is_elsewhere() -> None:
    germany, britain = make_market("de"), make_market("gb", countries=["GB"], languages={})
    demand("DE")
    bare, safe = good(), good()
    make_safe(safe)

    assert problems(bare, germany) == ["safety", "picture"]
    assert problems(safe, germany) == []
    assert problems(bare, britain) == []
    assert refused_products(None, [germany.pk, britain.pk], now=NOW) == {germany.pk: {bare.pk}}


@pytest.mark.django_db
def test_rule_holds_from_its_first_day_to_the_day_before_its_last() -> None:
    market, product = make_market(), good()
    demand("DE", valid_to=date(2027, 1, 1))

    assert problems(product, market, on=date(2024, 12, 12)) == []
    assert problems(product, market, on=SINCE) != []
    assert problems(product, market, on=date(2026, 12, 31)) != []
    assert problems(product, market, on=date(2027, 1, 1)) == []


@pytest.mark.django_db
def test_maker_outside_the_area_needs_a_responsible_person_inside() -> None:
    market, product = make_market(), good()
    demand("DE")
    demand("NL")
    safety = make_safe(product, "JP")
    contact = {"address": "Kade 1", "email": "rp@example.com"}

    assert problems(product, market) == ["responsible_person"]
    safety.responsible_persons.add(
        ResponsiblePerson.objects.create(name="UK Ltd", country="GB", **contact)
    )
    assert problems(product, market) == ["responsible_person"]
    safety.responsible_persons.add(
        ResponsiblePerson.objects.create(name="NL BV", country="NL", **contact)
    )
    assert problems(product, market) == []
    PublishingRule.objects.filter(country="NL").delete()
    assert problems(product, market) == ["responsible_person"]


@pytest.mark.django_db
def test_maker_of_another_country_of_the_area_needs_none() -> None:
    market, product = make_market(), good()
    demand("DE")
    demand("IT")
    make_safe(product, "IT")

    assert problems(product, market) == []


@pytest.mark.django_db
def test_warnings_are_wanted_in_every_language_that_the_market_is_sold_in() -> None:
    market = make_market(languages={"de": "de_DE", "fr": "fr_FR"})
    product = good()
    demand("DE")
    safety = make_safe(product, needs_no_warnings=False, warnings_en="Hot.")

    def missing() -> list[str]:
        found = list_obstacles([product.pk], market, DAY).get(product.pk, ())
        assert all(row.problem is ObstacleProblem.WARNINGS for row in found)
        return [describe_obstacle(row) for row in found]

    assert problems(product, market) == ["warnings", "warnings"]
    assert missing() == [
        "Its safety warnings are not written in German yet.",
        "Its safety warnings are not written in French yet.",
    ]
    safety.warnings_de = "Heiß."  # type: ignore[attr-defined]
    safety.save()
    assert missing() == ["Its safety warnings are not written in French yet."]
    assert refused_products(None, [market.pk], now=NOW) == {market.pk: {product.pk}}
    safety.warnings_fr = "Chaud."  # type: ignore[attr-defined]
    safety.save()
    assert problems(product, market) == []


@pytest.mark.django_db
def test_tax_category_can_be_taken_out_of_the_rule() -> None:
    market = make_market()
    food, mixed = good(tax_category_id="food"), good(tax_category_id="food")
    make_variant(mixed)
    make_variant(food, is_active=False)
    demand("DE")
    demand("DE", tax_category_id="food", is_needed=False)

    assert problems(food, market) == []
    assert problems(mixed, market) == ["safety", "picture"]


@pytest.mark.django_db
def test_content_is_wanted_of_some_goods_only() -> None:
    market, mug = make_market(), good()
    tea = good(tax_category_id="food")
    stated = good(tax_category_id="food", content_amount=Decimal(100), content_unit="g")
    demand("DE", "content", tax_category_id="food")

    assert problems(mug, market) == []
    assert problems(tea, market) == ["content"]
    assert problems(stated, market) == []


@pytest.mark.django_db
def test_bar_keeps_goods_out_of_a_market_only_where_no_country_is_left() -> None:
    market, knife = make_market(), good(hazards=[Hazard.BLADE])
    bar("AT", hazard="blade")

    assert problems(knife, market) == []
    assert problems(knife, market, country="AT") == ["barred"]
    assert problems(knife, market, country="DE") == []
    notices = list_standings([knife.pk], market, DAY)[knife.pk].notices
    assert [(notice.problem, notice.country) for notice in notices] == [
        (ObstacleProblem.BARRED, "AT")
    ]
    bar("DE", product=knife)
    assert problems(knife, market) == ["barred", "barred"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("what", "is_met"),
    [
        ({"hs_prefix": "8211"}, True),
        ({"hs_prefix": "8215"}, False),
        ({"hazard": "blade"}, True),
        ({"hazard": "toxic"}, False),
        ({"hs_prefix": "8211", "hazard": "blade"}, True),
        ({"hs_prefix": "8211", "hazard": "toxic"}, False),
        ({"category": "above"}, True),
        ({"category": "other"}, False),
        ({"category": "above", "hs_prefix": "8215"}, False),
    ],
)
def test_bar_is_about_what_fits_everything_it_says(what: dict[str, Any], is_met: bool) -> None:
    market = make_market(countries=["DE"])
    above, other = make_category(), make_category()
    below = make_category(parent=above)
    knife = make_variant(make_product(category=below), hs_code="821192", hazards=["blade"]).product
    categories = {"above": above, "other": other}
    bar("DE", **{key: categories.get(value, value) for key, value in what.items()})

    assert problems(knife, market) == (["barred"] if is_met else [])


@pytest.mark.django_db
def test_bar_of_a_region_is_met_at_the_destination_alone() -> None:
    market, product = make_market("us", countries=["US"]), good()
    bar("US", region="CA", product=product)

    assert problems(product, market) == []
    assert problems(product, market, country="US", region="NY") == []
    assert problems(product, market, country="US", region="CA") == ["barred"]


@pytest.mark.django_db
def test_restriction_is_told_and_bars_nothing() -> None:
    market, product = make_market(), good()
    bar("DE", product=product, effect="restricted", reason="age")

    standing = list_standings([product.pk], market, DAY)[product.pk]

    assert problems(product, market) == []
    assert not standing.obstacles
    assert [describe_obstacle(row) for row in standing.notices] == ["It is sold to adults only."]


@pytest.mark.django_db
def test_every_reason_and_problem_has_words() -> None:
    said = {
        describe_obstacle(Obstacle(ObstacleProblem.BARRED, "DE", reason=reason))
        for reason in ProductRestriction.Reason
    } | {
        describe_obstacle(Obstacle(problem, "DE"))
        for problem in ObstacleProblem
        if problem not in (ObstacleProblem.BARRED, ObstacleProblem.RESTRICTED)
    }

    assert len(said) == len(ProductRestriction.Reason) + 5
    assert "It is not sold there." not in said


@pytest.mark.django_db
def test_many_products_are_looked_up_in_one_query() -> None:
    market = make_market()
    demand("DE")
    ids = [good().pk for _ in range(5)]

    with one_reference(), CaptureQueriesContext(connection) as captured:
        assert list_obstacles(ids, market, DAY).keys() == set(ids)
    assert len(captured) == 1
    with one_reference(), CaptureQueriesContext(connection) as captured:
        assert list_obstacles(ids, market, date(2020, 1, 1)) == {}
    assert len(captured) == 0


@pytest.mark.django_db
@pytest.mark.parametrize(
    "fields",
    [
        {"content_amount": Decimal(100)},
        {"content_unit": "g"},
        {"content_amount": Decimal(0), "content_unit": "g"},
        {"hazards": ["haunted"]},
    ],
)
def test_variant_with_half_a_content_or_an_unknown_hazard_is_refused(
    fields: dict[str, Any],
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make_variant(**fields)


@pytest.mark.django_db
def test_restriction_of_nothing_and_maker_without_electronic_address_are_refused() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        bar("DE")
    with pytest.raises(IntegrityError), transaction.atomic():
        Manufacturer.objects.create(name="Maker", address="Weg 1", country="DE")


@pytest.mark.django_db
def test_two_publishing_rules_for_one_day_are_refused() -> None:
    demand("DE")
    with pytest.raises(IntegrityError), transaction.atomic():
        demand("DE", valid_from=date(2026, 1, 1))


@pytest.mark.django_db
def test_unit_price_goes_by_the_country_the_day_and_the_content() -> None:
    def rule(country: str, per: int, content_to: int | None = None, **fields: Any) -> None:
        UnitPriceRule.objects.create(
            country=country, measure="mass", per_amount=per, content_to=content_to,
            **{"valid_from": SINCE, **fields},
        )  # fmt: skip

    def shown(country: str, amount: str, unit: str = "g", on: date = DAY) -> str | None:
        found = find_unit_price(
            Decimal("5.95"), "EUR", Content(Decimal(amount), unit), country=country, on=on
        )
        return (
            f"{found.amount} / {found.per_amount.normalize():f} {found.per_unit}" if found else None
        )

    rule("DE", 100, 250, valid_to=date(2025, 1, 1))
    rule("DE", 1000)
    rule("AU", 100)

    assert shown("DE", "100") == "59.50 / 1 kg"
    assert shown("DE", "100", on=date(2024, 12, 31)) == "5.95 / 100 g"
    assert shown("DE", "300", on=date(2024, 12, 31)) == "19.83 / 1 kg"
    assert shown("DE", "0.1", "kg") == "59.50 / 1 kg"
    assert shown("AU", "100") == "5.95 / 100 g"
    assert shown("AU", "100", "ml") is None
    assert shown("US", "100") is None


@pytest.mark.django_db
def test_unit_price_that_rounds_to_nothing_is_not_told() -> None:
    UnitPriceRule.objects.create(country="DE", measure="count", per_amount=1, valid_from=SINCE)

    def amount(price: str, pieces: int) -> str | None:
        content = Content(Decimal(pieces), "piece")
        found = find_unit_price(Decimal(price), "EUR", content, country="DE", on=DAY)
        return str(found.amount) if found else None

    assert amount("1.99", 1000) is None
    assert amount("1.99", 100) == "0.02"
    assert amount("0", 100) == "0.00"


@pytest.mark.parametrize(
    ("price", "currency", "content", "unit", "per", "answer"),
    [
        ("8.90", "EUR", "450", "g", 1000, "19.78"),
        ("14.90", "EUR", "500", "ml", 1000, "29.80"),
        ("1280", "JPY", "85", "g", 100, "1506"),
        ("1.005", "KWD", "1", "kg", 100, "0.101"),
        ("24.50", "EUR", "2.5", "m", 100, "9.80"),
        ("12.00", "EUR", "8", "piece", 1, "1.50"),
        ("18.00", "EUR", "0.75", "m2", 1, "24.00"),
    ],
)
def test_unit_price_is_rounded_once_in_the_smallest_unit(
    price: str, currency: str, content: str, unit: str, per: int, answer: str
) -> None:
    found = compute_unit_price(
        Decimal(price), currency, Content(Decimal(content), unit), per=Decimal(per), row=1
    )
    assert str(found.amount) == answer


_places = st.sampled_from(["DE", "AT", "FR"])
_found = st.builds(
    Obstacle,
    st.sampled_from([ObstacleProblem.BARRED, ObstacleProblem.RESTRICTED]),
    _places,
    st.sampled_from(["", "X"]),
)


@given(st.lists(_found, max_size=8), st.lists(_places, min_size=1, max_size=3, unique=True))
def test_what_a_market_refuses_every_destination_of_it_refuses(
    restrictions: list[Obstacle], countries: list[str]
) -> None:
    market = judge((), restrictions, countries=countries, is_destination=False)
    there = [
        judge((), restrictions, countries=[country], is_destination=True) for country in countries
    ]

    assert not market.obstacles or all(standing.obstacles for standing in there)
    assert {row for row in restrictions if row.country in countries} == {
        *market.obstacles, *market.notices,
    }  # fmt: skip
    for standing in there:
        assert all(row.problem is ObstacleProblem.BARRED for row in standing.obstacles)
