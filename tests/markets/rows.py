"""Rows that several tests of markets need."""

from datetime import UTC, date, datetime
from decimal import Decimal

from catalog.models import Variant
from markets.models import BasePrice, ExchangeRate, Market, Price
from markets.pricing import prices_in_force
from tests.factories import LONG_AGO, NOW, make_market

QUOTES = {"USD": "1.1252", "GBP": "0.8479", "CHF": "0.9364", "JPY": "163.36", "CNY": "8.1465",
          "BRL": "6.3842", "MXN": "21.9325", "AUD": "1.7551"}  # fmt: skip


def add_rates(quotes: dict[str, str] | None = None, *, as_of: date = date(2026, 11, 23)) -> None:
    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            provider="ecb",
            base="EUR",
            quote=quote,
            rate=Decimal(rate),
            as_of=as_of,
            fetched_at=datetime(as_of.year, as_of.month, as_of.day, 15, tzinfo=UTC),
        )
        for quote, rate in (quotes or QUOTES).items()
    )


def add_peg() -> None:
    ExchangeRate.objects.create(
        provider="peg",
        base="USD",
        quote="AED",
        rate=Decimal("3.6725"),
        as_of=date(1997, 11, 1),
        fetched_at=LONG_AGO,
    )


def add_base_price(variant: Variant, amount: str = "20.00", currency: str = "EUR") -> BasePrice:
    return BasePrice.objects.create(
        variant=variant,
        amount=Decimal(amount),
        amount_currency=currency,
        valid_from=LONG_AGO,
    )


def bare_market(code: str = "de", currency: str = "EUR", **fields: object) -> Market:
    """Make a market without a country, so that any number can stand side by side."""
    return make_market(code, currency=currency, countries=[], **fields)


def price_of(variant: Variant, market: Market, *, at: datetime = NOW) -> Decimal:
    return Decimal(prices_in_force([variant.pk], market, now=at)[variant.pk].amount.amount)


def history(variant: Variant, market: Market) -> list[tuple[str, Decimal, datetime, object]]:
    return [
        (row.kind, Decimal(row.amount.amount), row.valid_from, row.valid_to)
        for row in Price.objects.filter(variant=variant, market=market).order_by("valid_from")
    ]
