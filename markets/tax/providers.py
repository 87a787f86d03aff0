"""Who works out the tax of a basket: our own tables, or a service that a shop pays for."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from catalog.reference import Reference, reference
from markets.derivation import NoRate
from markets.exchange import RateTable, latest_rates
from markets.money import quantise
from markets.tax.answer import TaxAnswer
from markets.tax.basket import TaxBasket
from markets.tax.engine import quote_taxes
from markets.tax.tables import load_tables

_DEFAULT = "markets.tax.providers.TableProvider"


class TaxProvider(Protocol):
    """What a tax service has to do; it raises NoTaxRate for what it does not know."""

    def quote(self, basket: TaxBasket) -> TaxAnswer:
        """Give what a basket owes. The answer's sums are exact, and it is made without a write."""


class TableProvider:
    """The default: the dated rows in the database, and the day's exchange rates for limits."""

    def quote(self, basket: TaxBasket) -> TaxAnswer:
        origins = {parcel.ship_from.country for parcel in basket.parcels}
        tables = load_tables(
            basket.ship_to.country, sorted(origins), basket.on, market_id=basket.market_id
        )

        def convert(amount: Decimal, source: str, target: str) -> Decimal:
            return convert_on(amount, source, target, on=basket.on)

        return quote_taxes(basket, tables=tables, convert=convert)


@lru_cache(maxsize=4)
def _provider(path: str) -> TaxProvider:
    try:
        provider: TaxProvider = import_string(path)()
    except ImportError as error:
        raise ImproperlyConfigured(f"TAX_PROVIDER {path!r} cannot be imported.") from error
    return provider


def get_provider() -> TaxProvider:
    """Give the provider that TAX_PROVIDER names, by its dotted path."""
    return _provider(getattr(settings, "TAX_PROVIDER", _DEFAULT))


def convert_on(amount: Decimal, source: str, target: str, *, on: date) -> Decimal:
    """Convert a limit or a fee at a day's exchange rates; raises NoRate.

    The rates are read once for a kept reading of the reference data.
    """
    if source == target:
        return amount
    rate, _row = reference().derive(_rates_of, on).conversion(source, target)
    return quantise(amount * rate, target)


def find_exchange_rate(source: str, target: str, *, on: date) -> int | None:
    """Find the quote that `convert_on` converts by, by its id; None where there is none.

    Another provider may have converted by rates of its own.
    """
    try:
        _rate, row = reference().derive(_rates_of, on).conversion(source, target)
    except NoRate:
        return None
    return row.pk if row else None


def _rates_of(_read: Reference, on: date) -> RateTable:
    return latest_rates(now=datetime.combine(on, time.max, UTC))
