"""What each page shows, by the address's fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.http import Http404, QueryDict
from django.utils.translation import gettext as _

from orders.models import FiledReturn
from orders.tax_reports.conversion import ReportRateMissing
from orders.tax_reports.documents import list_documents
from orders.tax_reports.facts import add_up
from orders.tax_reports.files import write_files
from orders.tax_reports.filing import figures_of, find_filed, is_over, waits_for_rates
from orders.tax_reports.nexus import Watched, list_watched
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.overview import Agreement, list_agreements
from orders.tax_reports.reading import REPORTS
from orders.tax_reports.reports import NoSuchReturn, Report, Summed, make_report
from storefront.tax_reports.choices import Choice, read_choice
from storefront.tax_reports.filing import filed_rows
from storefront.tax_reports.tables import TITLES, tables_of
from storefront.wording import amount_text, country_text


@dataclass(frozen=True)
class Bar:
    """A threshold with how much of it is used; `percent` is None where a rate is missing."""

    place: str
    scheme: str
    window: str
    sold: str
    threshold: str
    orders: str
    percent: str | None
    value: str
    level: int
    is_registered: bool
    missing: str
    source: str


def overview(query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, today=today)
    agreements = (
        list_agreements(period=choice.period, entity_id=choice.entity.pk) if choice.entity else []
    )
    return {
        "choice": choice,
        "titles": [(name, TITLES[name]) for name in REPORTS],
        "currencies": [_agreement(row) for row in agreements],
    }


def report_page(name: str, query: QueryDict, *, now: datetime) -> dict[str, Any]:
    choice = read_choice(query, report=name, today=now.date())
    filed = _filed(name, choice)
    summed, problem = (figures_of(filed), "") if filed else _live(name, choice)
    return {
        "choice": choice,
        "name": name,
        "report_title": TITLES[name],
        "titles": [(other, TITLES[other]) for other in REPORTS],
        "problem": problem,
        "tables": tables_of(name, summed) if summed else [],
        "is_provisional": summed is not None and summed.is_provisional,
        "due_on": summed.due_on if isinstance(summed, OneStopReturn) else None,
        "has_finnish_file": isinstance(summed, OneStopReturn) and name == "oss",
        "filed": filed,
        "can_be_filed": summed is not None
        and not waits_for_rates(summed, now=now)
        and choice.entity is not None
        and is_over(choice.period, entity_id=choice.entity.pk, now=now),
    }


def filed_page(query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, today=today)
    return {
        "choice": choice,
        "titles": [(name, TITLES[name]) for name in REPORTS],
        "rows": filed_rows(choice),
    }


def _live(name: str, choice: Choice) -> tuple[Summed | None, str]:
    report, problem = _ask(name, choice)
    return (report.summed if report else None), problem


def documents_page(name: str, query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, report=name, today=today)
    report, problem = _ask(name, choice)
    try:
        documents = list_documents(report, row=query.get("row", "")) if report else []
    except ValueError as error:
        raise Http404 from error
    return {
        "choice": choice,
        "name": name,
        "report_title": TITLES[name],
        "problem": problem,
        "totals": [
            (amount_text(total.net, total.currency), amount_text(total.tax, total.currency))
            for total in add_up(document.amounts for document in documents)
        ],
        "documents": [
            {
                "document": document,
                "net": amount_text(document.amounts.net, document.amounts.currency),
                "tax": amount_text(document.amounts.tax, document.amounts.currency),
            }
            for document in documents
        ],
    }


def thresholds_page(query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, today=today)
    watched = list_watched(choice.entity, on=today) if choice.entity else []
    bars = [_bar(row) for row in watched]
    return {
        "choice": choice,
        "today": today,
        "bars": [bar for bar in bars if bar.value != "0.0" or bar.missing],
        "quiet": [bar for bar in bars if bar.value == "0.0" and not bar.missing],
    }


def files_of(name: str, choice: Choice) -> tuple[Mapping[str, str], str]:
    """Give a report's files, as they were filed if they were, or why there are none."""
    filed = _filed(name, choice)
    if filed is not None:
        return filed.files, ""
    report, problem = _ask(name, choice)
    if report is None or choice.entity is None:
        return {}, problem
    return write_files(report, choice.entity), ""


def _filed(name: str, choice: Choice) -> FiledReturn | None:
    if choice.entity is None:
        return None
    return find_filed(name, period=choice.period, entity_id=choice.entity.pk)


def _ask(name: str, choice: Choice) -> tuple[Report | None, str]:
    """Give a report, or why there is none, in words."""
    if choice.entity is None:
        return None, _("There is no legal entity yet.")
    try:
        return make_report(name, period=choice.period, entity_id=choice.entity.pk), ""
    except NoSuchReturn:
        return None, _("There is no return of this period.")
    except ReportRateMissing as error:
        words = {"currency": error.currency, "day": error.day}
        return None, _("%(currency)s has no exchange rate for %(day)s.") % words


def _agreement(row: Agreement) -> dict[str, Any]:
    code = row.documents.currency

    def texts(net: Any, tax: Any) -> Sequence[str]:
        return (amount_text(net, code), amount_text(tax, code), amount_text(net + tax, code))

    return {
        "currency": code,
        "agrees": row.agrees,
        "reports": [
            {"name": name, "title": TITLES[name], "amounts": texts(amounts.net, amounts.tax)}
            for name, amounts in row.reports
        ],
        "reported": texts(row.reported.net, row.reported.tax),
        "documents": texts(row.documents.net, row.documents.tax),
    }


def _bar(watched: Watched) -> Bar:
    row, standing = watched.threshold, watched.standing
    place = country_text(row.country) if row.country else _("European Union")
    counted = row.transactions is not None and row.rule != row.Rule.AMOUNT
    orders = "" if standing is None else str(standing.orders)
    return Bar(
        place=f"{place}, {row.region}" if row.region else place,
        scheme=row.get_scheme_display(),
        window=row.get_period_display(),
        sold=amount_text(standing.amount, row.currency) if standing else "–",
        threshold=amount_text(row.amount, row.currency),
        orders=f"{orders} / {row.transactions}" if counted else orders,
        percent=str(standing.percent) if standing else None,
        value=str(min(standing.percent, 100)) if standing else "0.0",
        level=int(watched.level),
        is_registered=watched.registration is not None,
        missing=watched.missing_currency,
        source=row.source,
    )
