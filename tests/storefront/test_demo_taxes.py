"""How the demo shop is taxed, from each of its warehouses to each of its markets."""

from datetime import date
from decimal import Decimal

import pytest

from markets.landed_cost.loading import load_law
from markets.loading import load_day, load_tax_rates
from markets.models import LegalEntity, Market, TaxRegistration
from markets.tax import ComponentKind, Goods, Parcel, Place, Regime, TaxAnswer, TaxBasket
from markets.tax.providers import get_provider
from storefront.demo.markets import load_markets
from storefront.demo.taxes import load_taxes

pytestmark = pytest.mark.django_db
D = Decimal
DAY = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def _law() -> None:
    load_tax_rates()
    load_day()
    load_markets()
    load_taxes()
    load_law()


def answer(ship_from: str, to: str, amount: str = "40.00") -> TaxAnswer:
    country, _, region = to.partition("-")
    market = Market.objects.get(countries__country=country)
    units = D(amount) if market.currency != "JPY" else D(amount).quantize(D(1))
    line = Goods("1", units, 1, "standard", hs_code="691200", origin="PT", weight_grams=700)
    return get_provider().quote(
        TaxBasket(
            ship_to=Place(country, region), parcels=(Parcel(Place(ship_from), (line,)),),
            shipping=D(5), currency=market.currency, home=Place(country, region),
            prices_include_tax=market.prices_include_tax, tax_mode="gross_fixed",
            rounding="line", on=DAY, market_id=market.pk,
        )
    )  # fmt: skip


LANES = [
    ("NL", "NL", "40", Regime.DOMESTIC),
    ("NL", "DE", "40", Regime.OSS),
    ("NL", "FR", "400", Regime.OSS),
    # Above the limits the tariff holds, of which the demo has no rows: nothing is promised.
    ("JP", "FR", "40", Regime.IOSS),
    ("JP", "FR", "400", Regime.IMPORT_DAP),
    ("NL", "GB", "40", Regime.UK_CONSIGNMENT),
    ("NL", "GB", "400", Regime.IMPORT_DAP),
    ("NL", "CH", "400", Regime.LOW_VALUE_SCHEME),
    ("US", "US-NY", "40", Regime.SALES_TAX),
    ("US", "US-OH", "40", Regime.NO_NEXUS),
    ("NL", "US-NY", "40", Regime.SALES_TAX),
    ("JP", "JP", "4000", Regime.DOMESTIC),
    ("CN", "CN", "40", Regime.DOMESTIC),
    ("AE", "AE", "40", Regime.DOMESTIC),
    ("JP", "AU", "400", Regime.LOW_VALUE_SCHEME),
]
ORIGINS = ("NL", "US", "JP", "CN", "AE")
PLACES = ("US-NY", "GB", "DE", "FR", "NL", "CH", "JP", "CN", "BR", "MX", "AE", "AU")


def test_demo_sells_under_the_regime_of_the_lane() -> None:
    found = [(*lane, answer(*lane).parcels[0].regime) for *lane, _expected in LANES]
    assert found == LANES


def test_every_lane_of_the_demo_is_answered() -> None:
    """Goods and delivery cost what was shown, whichever warehouse sends them."""
    for ship_from in ORIGINS:
        for to in PLACES:
            found = answer(ship_from, to)
            name = "net" if to == "US-NY" else "gross"
            shown = [
                getattr(part, name)
                for part in found.components
                if part.kind in (ComponentKind.GOODS, ComponentKind.SHIPPING)
            ]
            assert sum(shown) == D(45), (ship_from, to)
            is_dap = found.parcels[0].terms == "dap"
            assert bool(found.due_on_delivery) <= is_dap, (ship_from, to)


def test_loading_again_changes_nothing_and_keeps_what_staff_chose() -> None:
    other = LegalEntity.objects.create(
        name="Other Ltd", address="-", country="GB", invoice_prefix="OTH"
    )
    Market.objects.filter(code="gb").update(legal_entity=other)
    before = list(TaxRegistration.objects.values())
    load_taxes()
    assert list(TaxRegistration.objects.values()) == before
    assert Market.objects.get(code="gb").legal_entity == other
    assert (
        Market.objects.exclude(code="gb").filter(legal_entity__name="Entrepot B.V.").count() == 11
    )
