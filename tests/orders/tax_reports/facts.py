"""Facts for tests of reports."""

from datetime import date
from decimal import Decimal
from typing import Any

from orders.tax_reports.facts import TaxFact


def make_fact(
    net: str | Decimal = "100.00", tax: str | Decimal = "19.00", **fields: Any
) -> TaxFact:
    """Make a fact of one order from the Netherlands to Germany under the one-stop shop."""
    on = fields.pop("on", date(2026, 2, 10))
    defaults = {
        "order_id": 1,
        "order": "A1",
        "document": "2026-1",
        "is_credit": False,
        "on": on,
        "sale_on": on,
        "regime": "oss",
        "kind": "goods",
        "country": "DE",
        "region": "",
        "ship_from": "NL",
        "percent": Decimal(19),
        "is_standard": True,
        "tax_name": "MwSt.",
        "currency": "EUR",
    }
    return TaxFact(net=Decimal(net), tax=Decimal(tax), **{**defaults, **fields})


def make_credit(net: str, tax: str, *, on: date, sale_on: date, **fields: Any) -> TaxFact:
    return make_fact(-Decimal(net), -Decimal(tax), on=on, sale_on=sale_on, is_credit=True, **fields)
