"""Rows of law and parcels for tests of landed cost, with the figures of the worked examples."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from markets.landed_cost import CustomsGoods, CustomsParcel, DutyAnswer, DutyTables, assess_duties
from markets.landed_cost.terms import (
    Band,
    Basis,
    DutyKind,
    DutyLayer,
    Factors,
    Fee,
    FeePer,
    Formula,
    ImportTerms,
)
from markets.money import quantise

DAY = date(2026, 11, 24)
PER_EURO = {"EUR": "1", "GBP": "0.8", "USD": "1.25", "JPY": "160", "KWD": "0.4", "RON": "5"}
EU = dict.fromkeys(("FR", "DE", "RO", "NL", "IT"), "EU")


@dataclass(frozen=True)
class At:
    country: str


def convert(amount: Decimal, from_currency: str, to_currency: str) -> Decimal:
    if from_currency == to_currency:
        return amount
    rate = Decimal(PER_EURO[to_currency]) / Decimal(PER_EURO[from_currency])
    return quantise(amount * rate, to_currency)


def goods(key: str = "a", amount: str = "100", **fields: Any) -> CustomsGoods:
    return CustomsGoods(key=key, amount=Decimal(amount), **{"hs_code": "610910", **fields})


def parcel(
    *lines: CustomsGoods, lane: str = "GB FR", currency: str = "EUR", **fields: Any
) -> CustomsParcel:
    """Make a parcel; `lane` names the countries that it goes from and to."""
    sent_from, sent_to = map(At, lane.split())
    return CustomsParcel(
        ship_from=sent_from, ship_to=sent_to, goods=lines, currency=currency,
        **{"on": DAY, **fields},
    )  # fmt: skip


def rule(destination: str, currency: str, **fields: Any) -> ImportTerms:
    defaults: dict[str, Any] = {
        "row": f"importrule:{destination}",
        "origins": frozenset(),
        "basis": Basis.CIF,
        "tax_basis": fields.get("basis", Basis.CIF),
        "formula": Formula.STANDARD,
    }
    return ImportTerms(destination=destination, currency=currency, **{**defaults, **fields})


def layer(destination: str, percent: str = "0", **fields: Any) -> DutyLayer:
    defaults: dict[str, Any] = {"row": f"dutyrate:{destination}-{percent}", "label": "Duty",
                                "kind": DutyKind.AD_VALOREM, "group": "tariff"}  # fmt: skip
    return DutyLayer(destination=destination, percent=Decimal(percent), **{**defaults, **fields})


FLAT = layer(
    "EU", row="dutyrate:flat", kind=DutyKind.PER_HEADING, group="flat", amount=Decimal(3),
    currency="EUR", value_to=Decimal(150), alone=True,
)  # fmt: skip


def fee(destination: str, amount: str, currency: str, **fields: Any) -> Fee:
    defaults: dict[str, Any] = {"row": f"importfee:{destination}", "kind": "handling",
                                "label": "Handling", "per": FeePer.PARCEL}  # fmt: skip
    return Fee(
        destination=destination, amount=Decimal(amount), currency=currency,
        **{**defaults, **fields},
    )  # fmt: skip


def tables(destination: str, **fields: Any) -> DutyTables:
    return DutyTables(destination=destination, on=DAY, territories=EU, **fields)


def ask(
    asked: CustomsParcel,
    *,
    convert: Callable[[Decimal, str, str], Decimal] = convert,
    **fields: Any,
) -> DutyAnswer:
    return assess_duties(asked, tables=tables(asked.ship_to.country, **fields), convert=convert)


BRAZIL = rule(
    "BR", "USD", formula=Formula.BRAZIL,
    factors=Factors(
        bands=(Band(Decimal(20), up_to=Decimal(50)), Band(Decimal(60), minus=Decimal(20))),
        value_to=Decimal(3000), tax_inside=True,
    ),
)  # fmt: skip
MEXICO = rule(
    "MX", "USD", formula=Formula.MEXICO,
    factors=Factors(bands=(Band(Decimal("33.5")),), value_to=Decimal(2500), covers_tax=True),
)  # fmt: skip
MEXICO_NEAR = rule(
    "MX", "USD", row="importrule:MX-near", origins=frozenset({"US", "CA"}),
    formula=Formula.MEXICO, duty_free_to=Decimal(50), tax_free_to=Decimal(50),
    factors=Factors(
        bands=(Band(Decimal(17), up_to=Decimal(117)), Band(Decimal(19))),
        value_to=Decimal(2500), covers_tax=True,
    ),
)  # fmt: skip
