"""Each report by its name: facts, rates and terms brought together."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from orders.tax_reports.conversion import EURO, Rates
from orders.tax_reports.cuts import Cuts, read_cuts
from orders.tax_reports.facts import TaxFact
from orders.tax_reports.one_stop_shop import OneStopReturn, sum_return
from orders.tax_reports.periods import Period
from orders.tax_reports.places import PlaceKey, PlaceSummary, sum_places
from orders.tax_reports.rates import rates_of_day
from orders.tax_reports.reading import facts_of_places, facts_of_return, member_states
from orders.tax_reports.sales_list import SalesList, sum_sales_list
from orders.tax_reports.terms import SCHEME_OF, find_terms

# In which currency, if in one, and what a row is of.
_PLACES: dict[str, tuple[str, Callable[[TaxFact], PlaceKey]]] = {
    "us": ("USD", PlaceKey.of_state),
    "ca": ("CAD", PlaceKey.of_province),
    "countries": ("", PlaceKey.of_country),
    "duties": ("", PlaceKey.of_kind),
}
Summed = OneStopReturn | SalesList | PlaceSummary


class NoSuchReturn(Exception):
    """A scheme has no return for such a period."""


@dataclass(frozen=True)
class Report:
    """A report with the facts that it is the sum of."""

    name: str
    period: Period
    summed: Summed
    facts: Sequence[TaxFact]


def make_report(name: str, *, period: Period, entity_id: int, until: int | None = None) -> Report:
    """Sum a company's report of a period. Raises NoSuchReturn and ReportRateMissing.

    What was issued after a return was filed is left to the next one; `until` is the last
    document to count where it is about to be filed.
    """
    filed = read_cuts(name, entity_id=entity_id, months=period.months)
    if until is not None:
        filed = filed.with_cut(period, until)
    if name in SCHEME_OF:
        facts, summed = _one_stop_return(name, period=period, entity_id=entity_id, filed=filed)
        return Report(name, period, summed, facts)
    facts = facts_of_places(name, period=period, entity_id=entity_id, filed=filed)
    if name == "reverse-charge":
        return Report(name, period, _sales_list(facts, period=period), facts)
    currency, key = _PLACES[name]
    rates = rates_of_day(period.last, {currency, *_currencies(facts)} if currency else set())
    places = sum_places(facts, period=period, currency=currency, rates=rates, key=key)
    return Report(name, period, places, facts)


def row_of(name: str, fact: TaxFact) -> tuple[str, ...]:
    """Name the row of a report that a fact is in, as a page can ask for it."""
    match name:
        case "oss" | "ioss":
            reduced = "standard" if fact.is_standard else "reduced"
            return (fact.country, fact.ship_from, reduced, _plain(fact.percent))
        case "reverse-charge":
            return (fact.country, fact.buyer_tax_id)
    key = _PLACES[name][1](fact)
    return row_of_key(key)


def row_of_key(key: PlaceKey) -> tuple[str, ...]:
    percent = _plain(key.percent)
    return (key.country, key.region, key.regime, key.tax_name, percent, key.currency)


def _one_stop_return(
    name: str, *, period: Period, entity_id: int, filed: Cuts
) -> tuple[list[TaxFact], OneStopReturn]:
    terms = find_terms(SCHEME_OF[name], on=period.last)
    if terms is None or terms.months != period.months:
        raise NoSuchReturn(f"{name} has no return of {period}")
    facts = facts_of_return(name, period=period, entity_id=entity_id, filed=filed)
    currencies = {terms.currency, *_currencies(facts)}
    known: dict[date, Rates] = {}

    def rates_of(of: Period) -> Rates:
        if of.last not in known:
            known[of.last] = rates_of_day(of.last, currencies)
        return known[of.last]

    return facts, sum_return(facts, period=period, terms=terms, rates_of=rates_of)


def _sales_list(facts: Sequence[TaxFact], *, period: Period) -> SalesList:
    return sum_sales_list(
        facts,
        period=period,
        currency=EURO,
        rates=rates_of_day(period.last, _currencies(facts)),
        member_states=member_states(on=period.last),
    )


def _currencies(facts: Iterable[TaxFact]) -> set[str]:
    return {fact.currency for fact in facts}


def _plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"
