from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from catalog.reference import forget
from markets.loading import load_day, load_tax_law, load_tax_rates
from markets.models import (
    CategoryRule,
    IncotermRule,
    LegalEntity,
    SpecialTerritory,
    TaxRate,
    TaxRegistration,
    TaxThreshold,
)
from markets.models.dated import Dated
from markets.tax import Goods, Parcel, Place, Regime, TaxAnswer, TaxBasket
from markets.tax.providers import TableProvider, convert_on, get_provider
from markets.tax.tables import load_tables
from tests.factories import make_market, make_tax_category, make_tax_rate

pytestmark = pytest.mark.django_db
D = Decimal
DAY = date(2026, 11, 24)


class FlatProvider:
    """A service that knows one answer."""

    def quote(self, basket: TaxBasket) -> TaxAnswer:
        raise NotImplementedError


@pytest.fixture
def entity() -> LegalEntity:
    return LegalEntity.objects.create(
        name="Shop B.V.", address="Street 1", country="NL", invoice_prefix="S"
    )


def register(entity: LegalEntity, scheme: str, country: str, region: str = "",
             **fields: Any) -> TaxRegistration:  # fmt: skip
    return TaxRegistration.objects.create(
        legal_entity=entity, scheme=scheme, country=country, region=region,
        **{"valid_from": date(2021, 7, 1), **fields},
    )  # fmt: skip


def basket_of(*goods: Goods, to: Place, market_id: int | None = None,
              ship_from: str = "NL", **fields: Any) -> TaxBasket:  # fmt: skip
    defaults: dict[str, Any] = {
        "shipping": D("5.00"), "currency": "EUR", "prices_include_tax": True,
        "tax_mode": "gross_fixed", "home": Place("NL"), "rounding": "line", "on": DAY,
    }  # fmt: skip
    return TaxBasket(
        ship_to=to, parcels=(Parcel(Place(ship_from), goods),), market_id=market_id,
        **{**defaults, **fields},
    )  # fmt: skip


def test_tables_hold_what_is_in_force_on_the_day(entity: LegalEntity) -> None:
    old = make_tax_rate("EE", "22", valid_from=date(2024, 1, 1), valid_to=date(2025, 7, 1))
    new = make_tax_rate("EE", "24", valid_from=date(2025, 7, 1))
    later = register(entity, "ioss", "NL", valid_from=date(2026, 1, 1))
    before, after = (load_tables("EE", ["NL"], on) for on in (date(2025, 6, 30), DAY))
    assert [rate.id for rate in before.rates] == [old.pk]
    assert [rate.id for rate in after.rates] == [new.pk]
    assert [row.id for row in before.registrations] == []
    assert [row.id for row in after.registrations] == [later.pk]


def test_tables_know_who_sells_in_a_market(entity: LegalEntity) -> None:
    own, other = make_market(legal_entity=entity), make_market("fr", countries=["FR"])
    assert load_tables("DE", [], DAY, market_id=own.pk).legal_entity_id == entity.pk
    assert load_tables("DE", [], DAY, market_id=other.pk).legal_entity_id is None
    assert load_tables("DE", [], DAY).legal_entity_id is None


def test_provider_answers_from_the_rows(entity: LegalEntity) -> None:
    load_tax_rates()
    load_tax_law()
    load_day()
    market = make_market(legal_entity=entity, countries=[])
    oss = register(entity, "union_oss", "NL")
    mug = Goods("1", D("24.60"), 2, "standard")
    answer = get_provider().quote(basket_of(mug, to=Place("FR"), market_id=market.pk))
    assert answer.parcels[0].regime is Regime.OSS
    assert answer.parcels[0].registration_id == oss.pk
    assert (answer.gross, answer.tax) == (D("29.60"), D("4.93"))
    canary = basket_of(mug, to=Place("ES", postal_code="35010"), market_id=market.pk)
    assert TableProvider().quote(canary).parcels[0].regime is Regime.EXPORT
    belfast = basket_of(mug, to=Place("GB", postal_code="BT1 5GS"), market_id=market.pk)
    assert str(TableProvider().quote(belfast).parcels[0].jurisdiction) == "XI"


PROVINCES = {
    "BC": ("12", "GST + PST"), "QC": ("14.975", "GST + QST"), "ON": ("13", "HST"),
    "NS": ("14", "HST"), "AB": ("5", "GST"),
}  # fmt: skip


def test_provinces_take_their_own_tax_beside_gst() -> None:
    load_tax_rates()
    load_tax_law()
    for region, (percent, name) in PROVINCES.items():
        question = basket_of(
            Goods("1", D("100"), 1, "standard"), to=Place("CA", region), ship_from="CA",
            currency="CAD", prices_include_tax=False,
        )  # fmt: skip
        part = TableProvider().quote(question).components[0]
        assert (part.percent, part.tax_name) == (D(percent), name)


@pytest.mark.django_db(transaction=True)
def test_warm_quote_asks_nothing_and_a_cold_one_little(entity: LegalEntity) -> None:
    load_tax_rates()
    load_tax_law()
    load_day()
    market = make_market(legal_entity=entity, countries=[])
    register(entity, "ioss", "NL")
    question = basket_of(
        Goods("1", D("50"), 1, "standard"), to=Place("FR"), ship_from="GB",
        market_id=market.pk, currency="USD",
    )  # fmt: skip
    forget()
    with CaptureQueriesContext(connection) as cold:
        first = TableProvider().quote(question)
    assert len(cold) == 2  # The kept tables, and the day's exchange rates for the limit.
    with CaptureQueriesContext(connection) as warm:
        assert TableProvider().quote(question) == first
    assert len(warm) == 0


def test_limits_convert_at_the_rates_of_their_day() -> None:
    load_day()
    assert convert_on(D("100"), "EUR", "EUR", on=DAY) == D("100")
    assert convert_on(D("100"), "EUR", "USD", on=DAY) == D("117.50")


def test_provider_is_the_one_that_settings_name(settings: Any) -> None:
    assert isinstance(get_provider(), TableProvider)
    settings.TAX_PROVIDER = f"{__name__}.FlatProvider"
    assert isinstance(get_provider(), FlatProvider)
    settings.TAX_PROVIDER = "nobody.Here"
    with pytest.raises(ImproperlyConfigured, match=r"nobody\.Here"):
        get_provider()


def test_dated_rows_of_one_place_never_overlap(entity: LegalEntity) -> None:
    register(entity, "ioss", "NL")
    with pytest.raises(IntegrityError, match="tax_registration_one_in_force"), transaction.atomic():
        register(entity, "ioss", "NL", valid_from=date(2026, 1, 1))
    SpecialTerritory.objects.create(
        country="ES", postal_from="35", name="A", treated_as="outside", valid_from=DAY
    )
    with pytest.raises(IntegrityError, match="special_territory_one"), transaction.atomic():
        SpecialTerritory.objects.create(
            country="ES", postal_from="35", name="B", treated_as="outside", valid_from=DAY
        )


def test_exemption_of_an_amount_needs_one() -> None:
    make_tax_category("clothing")
    with pytest.raises(IntegrityError, match="category_rule_sensible"):
        CategoryRule.objects.create(
            country="US", region="NY", category_id="clothing", kind="exempt_below", valid_from=DAY
        )


def test_only_a_region_adds_to_its_country() -> None:
    with pytest.raises(IntegrityError, match="tax_rate_region_adds"):
        make_tax_rate("CA", "5", adds_to_country=True)


def test_military_post_is_sold_to_without_sales_tax(entity: LegalEntity) -> None:
    load_tax_rates()
    load_tax_law()
    for region in ("AA", "AE", "AP"):
        there = Place("US", region, "09012")
        answer = get_provider().quote(
            basket_of(Goods("1", D(10), 1, "standard"), to=there, currency="USD")
        )
        assert answer.tax == 0


def test_channel_islands_lie_outside(entity: LegalEntity) -> None:
    load_tax_rates()
    load_tax_law()
    for code in ("JE2 3AB", "GY1 1AA"):
        answer = get_provider().quote(
            basket_of(
                Goods("1", D(12), 1, "standard"), to=Place("GB", postal_code=code), currency="GBP"
            )
        )
        assert (answer.parcels[0].regime, answer.tax) == (Regime.EXPORT, D(0))


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (TaxRate(country="DE", percent=D(100), name="VAT"), "percent"),
        (TaxRate(country="DE", percent=D(1), name="VAT", adds_to_country=True), "region"),
        (TaxThreshold(scheme="sales_tax", amount=D(-1), currency="USD"), "amount"),
        (TaxThreshold(scheme="sales_tax", amount=D(1), rule="either"), "transactions"),
        (SpecialTerritory(country="FR", postal_to="976", name="Far"), "postal_from"),
        (CategoryRule(country="US", kind="exempt_below", currency="USD"), "amount"),
        (CategoryRule(country="US", kind="above_only", amount=D(1)), "currency"),
        (IncotermRule(duty_refund="within"), "duty_refund_days"),
        (IncotermRule(duty_refund="never", duty_refund_days=3), "duty_refund_days"),
    ],
)
def test_senseless_row_is_refused_in_words_at_its_field(row: Dated, field: str) -> None:
    row.valid_from = DAY
    with pytest.raises(ValidationError) as error:
        row.clean()
    assert set(error.value.message_dict) == {field}


@pytest.mark.parametrize("prefix", ["ENT-C", "E N", "Ü"])
def test_prefix_of_invoices_is_letters_and_digits(entity: LegalEntity, prefix: str) -> None:
    entity.invoice_prefix = prefix
    with pytest.raises(ValidationError, match="letters and digits"):
        entity.full_clean()
