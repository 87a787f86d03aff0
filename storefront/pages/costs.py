"""Duties, fees and what the carrier will ask for, as checkout and the cart show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from djmoney.money import Money

from orders.models import Order
from storefront.landed_words import adjustment_words, cost_words, promise_words
from storefront.order_sums import OrderSums
from storefront.quoting import CartQuote
from storefront.tax_names import tax_name


@dataclass(frozen=True)
class ShownCosts:
    """What is paid beside goods and delivery, and what is not in the total and why.

    `extras` and `due` are label and amount; the amount of `adjustment` may be below zero.
    """

    extras: tuple[tuple[str, Money], ...]
    adjustment: tuple[str, Money] | None
    terms: str
    promise: str
    due: tuple[tuple[str, Money], ...]
    due_total: Money


def show_costs(quote: CartQuote) -> ShownCosts:
    currency = quote.currency
    regimes = {parcel.regime for parcel in quote.tax.parcels} if quote.tax else set()
    adjustment = quote.adjustment
    due = add_up_due(
        (cost_words(part.kind, part.code, tax=part.tax_name), part.gross)
        for part in quote.due_on_delivery
    )
    return ShownCosts(
        extras=tuple((extra.label, Money(extra.amount, currency)) for extra in quote.extras),
        adjustment=(adjustment_words(regimes), Money(adjustment, currency)) if adjustment else None,
        terms=quote.terms,
        promise=promise_words(
            quote.terms, {note.code for note in quote.notes}, is_estimated=bool(due)
        ),
        due=tuple((label, Money(amount, currency)) for label, amount in due.items()),
        due_total=Money(sum(due.values(), Decimal(0)), currency),
    )


def show_order_costs(order: Order, sums: OrderSums) -> ShownCosts:
    """Show what stands beside an order's goods and charges; its duties are charges."""
    currency = order.currency
    regimes = {str(parcel["regime"]) for parcel in order.tax_parcels}
    due = add_up_due((_words(part), Decimal(part["gross"])) for part in order.due_on_delivery)
    return ShownCosts(
        extras=(),
        adjustment=(adjustment_words(regimes), Money(sums.adjustment, currency))
        if sums.adjustment
        else None,
        terms=order.terms,
        promise=promise_words(
            order.terms, {note["code"] for note in order.tax_notes}, is_estimated=bool(due)
        ),
        due=tuple((label, Money(amount, currency)) for label, amount in due.items()),
        due_total=Money(sum(due.values(), Decimal(0)), currency),
    )


def _words(part: Mapping[str, Any]) -> str:
    """Name what an order told to be due; orders from before have no code and keep their label."""
    if "code" not in part:
        return str(part["label"] or tax_name(part["tax_name"]))
    return cost_words(part["kind"], part["code"], tax=part["tax_name"])


def add_up_due(parts: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    """Add up what is due on delivery by label; what comes to nothing is left out."""
    sums: dict[str, Decimal] = {}
    for label, amount in parts:
        if amount:
            sums[label] = sums.get(label, Decimal(0)) + amount
    return sums
