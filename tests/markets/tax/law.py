"""Rows of tax law for tests of the pure engine, and short ways to ask it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from markets.landed_cost.terms import (
    Band,
    Basis,
    DutyKind,
    DutyLayer,
    DutyTables,
    Factors,
    Formula,
    ImportTerms,
    LaneTerms,
)
from markets.tax import (
    Buyer,
    Goods,
    Parcel,
    Place,
    PlaceRule,
    Registration,
    TaxAnswer,
    TaxBasket,
    TaxComponent,
    TaxRule,
    TaxTables,
    Territory,
    Threshold,
    quote_taxes,
)

D = Decimal
DAY = date(2026, 11, 24)
ENTITY = 1
_ids = count(1)
# Units of each currency per euro.
WORTH = {
    "EUR": "1", "GBP": "0.80", "USD": "1.25", "CHF": "1", "NOK": "10", "AUD": "2", "JPY": "160",
    "KWD": "0.4", "CAD": "1.5",
}  # fmt: skip


def convert(amount: Decimal, source: str, target: str) -> Decimal:
    return amount * D(WORTH[target]) / D(WORTH[source])


def rate(country: str, percent: str, category: str = "standard", region: str = "",
         name: str = "VAT") -> TaxRule:  # fmt: skip
    return TaxRule(next(_ids), country, region, category, D(percent), name)


GST = rate("CA", "5", name="GST")
PST = rate("CA", "7", region="BC", name="PST")
QST = rate("CA", "9.975", region="QC", name="QST")
RATES = (
    rate("DE", "19"), rate("DE", "7", "books"), rate("ES", "21"),
    rate("FR", "20"), rate("FR", "5.5", "books"),
    rate("NL", "21"), rate("NL", "9", "books"), rate("HU", "27"), rate("GB", "20"),
    rate("GB", "0", "books"), rate("XI", "20"), rate("CH", "8.1"), rate("NO", "25"),
    rate("JP", "10"), rate("JP", "8", "food"), rate("AU", "10"), rate("BR", "17", name="ICMS"),
    rate("MX", "16"), rate("AE", "5"), rate("CN", "13"), rate("KW", "5"),
    rate("US", "4", region="NY"), rate("US", "6.25", region="MA"), rate("US", "6.25", region="TX"),
    rate("US", "7.25", region="CA"), rate("US", "0", region="OR"),
    GST, PST, QST, rate("CA", "13", region="ON", name="HST"),
)  # fmt: skip
EU = ("DE", "FR", "NL", "HU", "XI", "ES")
PLACES = (
    *(PlaceRule(country, area="EU", domestic_with="GB" if country == "XI" else "")
      for country in EU),
    PlaceRule("GB", reverse_charge=True, domestic_with="XI"),
    PlaceRule("AU", reverse_charge=True),
    PlaceRule("US", is_sales_tax=True),
    PlaceRule("US", "CA", is_sales_tax=True, shipping_taxable=False),
    PlaceRule("US", "TX", is_sales_tax=True, origin_based=True),
)  # fmt: skip
TERRITORIES = (
    Territory("ES", "35", "", "Las Palmas", "outside"),
    Territory("FR", "971", "976", "French overseas departments", "outside"),
    Territory("GB", "BT", "", "Northern Ireland", "XI"),
    Territory("MC", "", "", "Monaco", "FR"),
)


def threshold(scheme: str, amount: str, currency: str, *, country: str = "",
              period: str = "consignment") -> Threshold:  # fmt: skip
    return Threshold(next(_ids), scheme, country, "", D(amount), currency, None, "amount", period)


THRESHOLDS = (
    threshold("union_oss", "10000", "EUR", period="current_or_previous_year"),
    threshold("ioss", "150", "EUR"),
    threshold("uk_import", "135", "GBP", country="GB"),
    threshold("au_vendor", "1000", "AUD", country="AU"),
    threshold("no_voec", "3000", "NOK", country="NO", period="item"),
)


def registration(scheme: str, country: str, region: str = "", **fields: Any) -> Registration:
    return Registration(next(_ids), ENTITY, country, region, scheme, f"{scheme}-1", **fields)


TABLES = TaxTables(
    on=DAY,
    rates=RATES,
    adding=frozenset({PST.id, QST.id}),
    places=PLACES,
    territories=TERRITORIES,
    thresholds=THRESHOLDS,
    legal_entity_id=ENTITY,
)


def law(*registrations: Registration, **fields: Any) -> TaxTables:
    return replace(TABLES, registrations=registrations, **fields)


def duties(destination: str, *, basis: Basis = Basis.CIF, tax_basis: Basis | None = None,
           layers: Iterable[DutyLayer] = (), lane: str = "ddp",
           **fields: Any) -> Mapping[str, DutyTables]:  # fmt: skip
    formula = fields.pop("formula", Formula.STANDARD)
    currency = fields.pop("currency", "EUR")
    rule = ImportTerms(
        row="importrule:1", destination=destination, origins=frozenset(), basis=basis,
        tax_basis=tax_basis or basis, formula=formula, currency=currency, **fields,
    )  # fmt: skip
    lanes = (LaneTerms(row="incotermrule:1", terms=lane),) if lane else ()
    territories = dict.fromkeys(("DE", "FR", "NL", "HU", "ES"), "EU")
    table = DutyTables(
        destination=destination, on=DAY, rules=(rule,), layers=tuple(layers), lanes=lanes,
        territories=territories,
    )  # fmt: skip
    return {destination: table}


def layer(destination: str, kind: DutyKind = DutyKind.AD_VALOREM, *, percent: str = "0",
          amount: str = "0", currency: str = "", **fields: Any) -> DutyLayer:  # fmt: skip
    return DutyLayer(
        row=f"dutyrate:{next(_ids)}", destination=destination, label="Duty", kind=kind,
        group="tariff", percent=D(percent), amount=D(amount), currency=currency, **fields,
    )  # fmt: skip


EU_FLAT = layer("EU", DutyKind.PER_HEADING, amount="3", currency="EUR")
BRAZIL = Factors(
    bands=(Band(D(20), up_to=D(50)), Band(D(60), minus=D(20))), tax_inside=True,
    value_to=D(3000),
)  # fmt: skip


def goods(amount: str, *, key: str = "1", quantity: int = 1, category: str = "standard",
          hs_code: str = "", origin: str = "") -> Goods:  # fmt: skip
    return Goods(key, D(amount), quantity, category, hs_code, origin)


def basket(*lines: Goods, to: Place | str = "DE", ship_from: Place | str = "DE",
           parcels: tuple[Parcel, ...] | None = None, **fields: Any) -> TaxBasket:  # fmt: skip
    defaults: dict[str, Any] = {
        "shipping": D(0), "currency": "EUR", "prices_include_tax": True, "rounding": "line",
        "tax_mode": "gross_fixed", "home": Place("DE"), "on": DAY, "buyer": Buyer(),
    }  # fmt: skip
    return TaxBasket(
        ship_to=_place(to),
        parcels=parcels if parcels is not None else (Parcel(_place(ship_from), lines),),
        **{**defaults, **fields},
    )


def _place(place: Place | str) -> Place:
    return Place(*place.split("-")) if isinstance(place, str) else place


def asked(question: TaxBasket, tables: TaxTables = TABLES) -> TaxAnswer:
    return quote_taxes(question, tables=tables, convert=convert)


def figures(parts: Iterable[TaxComponent]) -> list[tuple[str, str, str]]:
    """Give kind, net and tax of each part."""
    return [(str(part.kind), str(part.net), str(part.tax)) for part in parts]
