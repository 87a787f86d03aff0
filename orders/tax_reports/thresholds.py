"""How near sales are to the amount from which a place wants the seller registered: pure."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum, StrEnum

from markets.tax import Regime

UNION_OSS = "union_oss"
# Sales across borders inside the union, wherever they are declared: what its threshold counts.
_DISTANCE_SALES = frozenset({Regime.OSS, Regime.ORIGIN})

Convert = Callable[[Decimal, str, str, date], Decimal]  # amount, from, to, on the day


class Level(IntEnum):
    """How urgent a threshold is, in percent of it."""

    QUIET = 0
    NEAR = 80
    PASSED = 100


class Window(StrEnum):
    """The time over which sales are counted."""

    CALENDAR_YEAR = "calendar_year"
    PREVIOUS_YEAR = "previous_year"
    CURRENT_OR_PREVIOUS_YEAR = "current_or_previous_year"
    ROLLING_12_MONTHS = "rolling_12_months"


@dataclass(frozen=True)
class ThresholdTerms:
    """A threshold: of an amount, or of an amount and a number of sales, either or both.

    `transactions` is None where sales are not counted; `window` is the time over which they are.
    """

    id: int
    scheme: str
    country: str
    region: str
    amount: Decimal
    currency: str
    transactions: int | None
    needs_both: bool
    window: Window


@dataclass(frozen=True)
class DaySales:
    """What was sold into a place on a day, without tax, in one currency."""

    on: date
    country: str
    region: str
    regime: str
    currency: str
    net: Decimal
    orders: int


@dataclass(frozen=True)
class Span:
    """A time with both its days."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Standing:
    """Where sales stand against a threshold; shares are of 1, and `amount` in its currency."""

    terms: ThresholdTerms
    span: Span
    amount: Decimal
    orders: int
    amount_share: Decimal
    orders_share: Decimal | None

    @property
    def share(self) -> Decimal:
        """Give the share that decides: the larger of two where either is enough."""
        if self.orders_share is None:
            return self.amount_share
        shares = (self.amount_share, self.orders_share)
        return min(shares) if self.terms.needs_both else max(shares)

    @property
    def percent(self) -> Decimal:
        return (self.share * 100).quantize(Decimal("0.1"))

    @property
    def level(self) -> Level:
        reached = self.share * 100
        return max(level for level in Level if level == 0 or reached >= level)


def stand(
    terms: ThresholdTerms, sales: Iterable[DaySales], *, on: date, convert: Convert
) -> Standing:
    """Give where sales stand against a threshold on a day.

    Of several times that count, the one with the larger share. `convert` takes each day's sales
    into the threshold's currency and may raise.
    """
    counted = [sale for sale in sales if _counts(terms, sale)]
    standings = [
        _within(terms, span, [sale for sale in counted if sale.on in span], convert)
        for span in spans(terms.window, on=on)
    ]
    return max(standings, key=lambda standing: standing.share)


def spans(window: Window, *, on: date) -> Sequence[Span]:
    """Give the times that count on a day, the present one first."""
    this_year = Span(date(on.year, 1, 1), on)
    last_year = Span(date(on.year - 1, 1, 1), date(on.year - 1, 12, 31))
    match window:
        case Window.CALENDAR_YEAR:
            return (this_year,)
        case Window.PREVIOUS_YEAR:
            return (last_year,)
        case Window.CURRENT_OR_PREVIOUS_YEAR:
            return (this_year, last_year)
        case Window.ROLLING_12_MONTHS:
            return (Span(_year_before(on) + timedelta(days=1), on),)


def oldest_day(windows: Iterable[Window], *, on: date) -> date:
    """Give the first day whose sales any of some windows counts."""
    return min((span.first for window in windows for span in spans(window, on=on)), default=on)


def _counts(terms: ThresholdTerms, sale: DaySales) -> bool:
    if terms.scheme == UNION_OSS:
        return sale.regime in _DISTANCE_SALES
    return sale.country == terms.country and terms.region in ("", sale.region)


def _within(
    terms: ThresholdTerms, span: Span, sales: Sequence[DaySales], convert: Convert
) -> Standing:
    amount = sum(
        (convert(sale.net, sale.currency, terms.currency, sale.on) for sale in sales), Decimal(0)
    )
    orders = sum(sale.orders for sale in sales)
    return Standing(
        terms=terms,
        span=span,
        amount=amount,
        orders=orders,
        amount_share=_share(amount, terms.amount),
        orders_share=(
            None
            if terms.transactions is None
            else _share(Decimal(orders), Decimal(terms.transactions))
        ),
    )


def _share(reached: Decimal, of: Decimal) -> Decimal:
    """Give a share of a threshold; one of nothing is passed by the first sale."""
    if of:
        return reached / of
    return Decimal(1) if reached > 0 else Decimal(0)


def _year_before(day: date) -> date:
    is_leap_day = (day.month, day.day) == (2, 29)
    return date(day.year - 1, 2, 28) if is_leap_day else day.replace(year=day.year - 1)
