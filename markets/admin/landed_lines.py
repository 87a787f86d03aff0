"""A destination of the comparison in words and figures."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _

from markets.admin.landed_comparison import Outcome
from markets.admin.price_words import write_amount
from markets.derivation import NoRate
from markets.tax import ComponentKind, TaxAnswer, TaxComponent
from markets.tax.providers import convert_on
from markets.tax.wording import note_words, regime_words, trace_words

# The columns of amounts, in the order of the table and of the file.
FIGURES = ("goods", "delivery", "duties", "fees", "tax", "total", "later")
_TERMS = ("ddp", "dap")  # Told beside the regime.
_PROBLEMS = {
    "not_served": _("No market serves it; choose one."),
    "not_sold": _("Not all of the goods have a price in this market."),
    "no_tax_rate": _("No tax rate is known for it on that day. Where states tax, name one: US-CA."),
    "no_exchange_rate": _("An exchange rate is missing for that day."),
}


@dataclass(frozen=True)
class Part:
    label: str
    amount: str
    row: str
    address: str


@dataclass(frozen=True)
class Line:
    """A destination of the table; `figures` are in its market's currency."""

    code: str
    name: str
    market: str
    problem: str = ""
    currency: str = ""
    regimes: str = ""
    terms: str = ""
    figures: dict[str, Decimal] = field(default_factory=dict)
    in_euros: Decimal | None = None
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    is_priced_today: bool = False

    @property
    def written(self) -> list[str]:
        """Give the figures for people, empty where there is nothing; the total always."""
        return [
            write_amount(amount, self.currency) if amount or name == "total" else ""
            for name, amount in self.figures.items()
        ]

    @property
    def written_in_euros(self) -> str:
        """Give all that is paid, now and later, in euros; empty where no rate is known."""
        return "" if self.in_euros is None else write_amount(self.in_euros, "EUR")


def make_line(outcome: Outcome, *, on: date) -> Line:
    """Put an outcome in words, in the reader's language; euros are by the day's rates."""
    place = outcome.destination
    locale = Locale.parse(to_locale(get_language() or "en"))
    code, market = str(place), str(outcome.market or "")
    name = locale.territories.get(place.country, place.country)
    if place.region:
        name = f"{name} ({place.region})"
    answer = outcome.answer
    if answer is None or outcome.market is None:
        return Line(code, name, market, problem=str(_PROBLEMS[outcome.problem]))
    currency = outcome.market.currency
    later = sum((part.gross for part in answer.due_on_delivery), Decimal(0))
    return Line(
        code,
        name,
        market,
        currency=currency,
        regimes=", ".join(dict.fromkeys(regime_words(p.regime) for p in answer.parcels)),
        terms=", ".join(dict.fromkeys(p.terms.upper() for p in answer.parcels if p.terms)),
        figures={
            "goods": _net(answer, ComponentKind.GOODS),
            "delivery": _net(answer, ComponentKind.SHIPPING),
            "duties": _net(answer, ComponentKind.DUTY),
            "fees": _net(answer, ComponentKind.FEE),
            "tax": answer.tax,
            "total": answer.gross,
            "later": later,
        },
        in_euros=_in_euros(answer.gross + later, currency, on=on),
        parts=tuple(_part(part, currency) for part in _explained(answer)),
        steps=tuple(step for parcel in answer.parcels for step in trace_words(parcel)),
        is_priced_today=outcome.is_priced_today,
        notes=tuple(
            dict.fromkeys(note_words(note) for note in answer.notes if note.code not in _TERMS)
        ),
    )


def sort_lines(lines: list[Line], *, by: str) -> None:
    """Sort in place by what is paid in euros, "dearest" or "cheapest" first; else as they are.

    Lines without it come last.
    """
    if by not in ("dearest", "cheapest"):
        return
    sign = -1 if by == "dearest" else 1
    lines.sort(key=lambda line: (line.in_euros is None, sign * (line.in_euros or 0)))


def _net(answer: TaxAnswer, kind: ComponentKind) -> Decimal:
    return sum((part.net for part in answer.components if part.kind is kind), Decimal(0))


def _in_euros(amount: Decimal, currency: str, *, on: date) -> Decimal | None:
    try:
        return convert_on(amount, currency, "EUR", on=on)
    except NoRate:
        return None


def _explained(answer: TaxAnswer) -> tuple[TaxComponent, ...]:
    return tuple(
        part for part in (*answer.components, *answer.due_on_delivery) if part.gross or part.row
    )


def _part(component: TaxComponent, currency: str) -> Part:
    label = component.label or component.key
    if component.tax:
        label = f"{label} · {component.tax_name} {component.percent.normalize():f} %"
    amount: Any = write_amount(component.gross, currency) if component.gross else ""
    return Part(label, amount, component.row, _address(component.row))


def _address(row: str) -> str:
    """Give the page of the row of law that made an amount, such as "taxrate:12"."""
    model, _colon, number = row.partition(":")
    try:
        return reverse(f"admin:markets_{model}_change", args=[number]) if number else ""
    except NoReverseMatch:
        return ""
