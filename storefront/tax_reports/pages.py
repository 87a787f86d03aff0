"""What each page shows, by the address's fields."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext as _

from markets.models import LegalEntity, Scheme, TaxRegistration
from orders.tax_reports.conversion import ReportRateMissing
from orders.tax_reports.documents import list_documents
from orders.tax_reports.facts import add_up
from orders.tax_reports.finland import write_finnish_file
from orders.tax_reports.nexus import Watched, list_watched
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.overview import Agreement, list_agreements
from orders.tax_reports.reading import REPORTS
from orders.tax_reports.reports import NoSuchReturn, Report, make_report
from storefront.tax_reports.choices import Choice, read_choice
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


def report_page(name: str, query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, report=name, today=today)
    report, problem = ask(name, choice)
    summed = report.summed if report else None
    is_return = isinstance(summed, OneStopReturn)
    return {
        "choice": choice,
        "name": name,
        "report_title": TITLES[name],
        "titles": [(other, TITLES[other]) for other in REPORTS],
        "problem": problem,
        "tables": tables_of(report) if report else [],
        "is_provisional": summed is not None and summed.is_provisional,
        "due_on": summed.due_on if isinstance(summed, OneStopReturn) else None,
        "has_finnish_file": is_return and name == "oss",
    }


def documents_page(name: str, query: QueryDict, *, today: date) -> dict[str, Any]:
    choice = read_choice(query, report=name, today=today)
    report, problem = ask(name, choice)
    documents = list_documents(report, row=query.get("row", "")) if report else []
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


def ask(name: str, choice: Choice) -> tuple[Report | None, str]:
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


def finnish_file(report: Report, entity: LegalEntity) -> str:
    """Write the Union return for Finland's portal, by the registration of its last day."""
    summed = report.summed
    if not isinstance(summed, OneStopReturn):
        raise TypeError(report.name)
    day = report.period.last
    in_force = list(
        TaxRegistration.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=day), legal_entity=entity, valid_from__lte=day
        ).order_by("-valid_from")
    )
    registration = next((one for one in in_force if one.scheme == Scheme.UNION_OSS), None)
    return write_finnish_file(
        summed,
        vat_number=registration.number if registration else entity.tax_id,
        home=registration.country if registration else entity.country,
        numbers={
            one.country: one.number
            for one in in_force
            if one.scheme == Scheme.DOMESTIC and one.number
        },
    )


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
