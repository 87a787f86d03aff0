"""The tax of a document in the money of the authority that gets it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from babel.core import get_global

from markets.derivation import NoRate
from markets.exchange import EURO, latest_rates
from markets.money import quantise
from markets.tax import Regime
from orders.invoices.summary import TaxedPart

# Declared where the seller is registered, whoever gets the money in the end.
_DECLARED_AT_HOME = {Regime.ORIGIN, Regime.REVERSE_CHARGE}
_DECLARED_IN_EURO = {Regime.OSS, Regime.IOSS}


@dataclass(frozen=True)
class ConvertedTax:
    currency: str
    rate: Decimal
    source: str
    amount: Decimal


def convert_tax(
    lines: Iterable[TaxedPart], *, currency: str, home: str, now: datetime
) -> ConvertedTax | None:
    """Give a document's tax in its authority's currency, by the rates of a moment.

    None where there is no tax, where it is the document's own currency, where several
    authorities count in different ones, or where no rate is at hand.
    """
    taxed = [line for line in lines if line.tax]
    wanted = {_authority_currency(line, home) for line in taxed}
    if len(wanted) != 1:
        return None
    target = wanted.pop()
    if target in ("", currency):
        return None
    try:
        rate, row = latest_rates(now=now).conversion(currency, target)
    except NoRate:
        return None
    total = sum((line.tax for line in taxed), Decimal(0))
    source = f"{row.provider}, {row.as_of.isoformat()}" if row else ""
    return ConvertedTax(target, rate, source, quantise(total * rate, target))


def _authority_currency(line: TaxedPart, home: str) -> str:
    if line.regime in _DECLARED_IN_EURO:
        return EURO
    place = home if line.regime in _DECLARED_AT_HOME else line.jurisdiction.partition("-")[0]
    return currency_of_country(place)


def currency_of_country(country: str) -> str:
    """Give the currency that a country counts in today; "" where it is not known."""
    for code, _begin, end, is_tender in get_global("territory_currencies").get(country, ()):
        if end is None and is_tender:
            return str(code)
    return ""
