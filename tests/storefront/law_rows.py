"""A row of each table of law, for pages that show them all."""

from datetime import date
from decimal import Decimal

from catalog.models import Manufacturer, Product, ResponsiblePerson
from markets.models import (
    CategoryRule,
    CustomsTerritory,
    DutyRate,
    HsCode,
    ImportFee,
    ImportRule,
    IncotermRule,
    LegalEntity,
    Market,
    ProductRestriction,
    PublishingRule,
    SpecialTerritory,
    TaxIdCheck,
    TaxPlaceRule,
    TaxRegistration,
    TaxThreshold,
    UnitPriceRule,
)
from orders.models import ThresholdAlarm
from tests.factories import NOW, make_tax_category

DAY = date(2026, 1, 1)


def add_law(market: Market, product: Product) -> None:
    """Add a row of each table of tax, customs and product law."""
    _add_tax()
    _add_customs(market)
    _add_product_law(product)


def _add_tax() -> None:
    entity = LegalEntity.objects.create(
        name="Shop B.V.", address="Street 1", country="NL", invoice_prefix="S"
    )
    TaxRegistration.objects.create(
        legal_entity=entity, country="NL", scheme="ioss", number="IM1", valid_from=DAY
    )
    TaxPlaceRule.objects.create(country="DE", area="EU", valid_from=DAY)
    threshold = TaxThreshold.objects.create(
        scheme="ioss", amount=Decimal(150), currency="EUR", period="consignment", valid_from=DAY
    )
    SpecialTerritory.objects.create(
        country="ES", postal_from="35", name="Las Palmas", treated_as="outside", valid_from=DAY
    )
    make_tax_category("clothing")
    CategoryRule.objects.create(
        country="US", region="NY", category_id="clothing", kind="exempt_below",
        amount=Decimal(110), currency="USD", valid_from=DAY,
    )  # fmt: skip
    ThresholdAlarm.objects.create(
        legal_entity=entity, threshold=threshold, level=80, amount=Decimal(130), orders=2,
        raised_at=NOW,
    )  # fmt: skip
    TaxIdCheck.objects.create(
        number="DE136695976", country="DE", kind="eu_vat", outcome="valid", checked_at=NOW,
        source="vies",
    )  # fmt: skip


def _add_customs(market: Market) -> None:
    HsCode.objects.create(code="691200", description="Ceramic tableware", level=6)
    CustomsTerritory.objects.create(country="DE", territory="EU", valid_from=DAY)
    ImportRule.objects.create(
        destination="GB", basis="cif", tax_basis="cif", formula="standard", currency="GBP",
        valid_from=DAY,
    )  # fmt: skip
    DutyRate.objects.create(
        destination="GB", label="Duty", kind="ad_valorem", percent=Decimal(12), valid_from=DAY
    )
    ImportFee.objects.create(
        destination="FR", label="Fee", per="parcel", amount=Decimal(2), currency="EUR",
        valid_from=DAY,
    )  # fmt: skip
    IncotermRule.objects.create(
        market=market, terms="ddp", currency=market.currency, valid_from=DAY
    )


def _add_product_law(product: Product) -> None:
    Manufacturer.objects.create(
        name="Pottery", address="Street 2", country="PT", email="a@example.org"
    )
    ResponsiblePerson.objects.create(
        name="Importer", address="Street 3", country="NL", email="b@example.org"
    )
    ProductRestriction.objects.create(
        country="AE", product=product, effect="barred", reason="law", valid_from=DAY
    )
    PublishingRule.objects.create(country="DE", fact="safety", valid_from=DAY)
    UnitPriceRule.objects.create(
        country="DE", measure="mass", per_amount=Decimal(1000), valid_from=DAY
    )
