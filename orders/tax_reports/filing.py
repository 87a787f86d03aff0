"""Filing a return: its figures and files are kept as they went out, once per period."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from markets.models import LegalEntity, Market
from orders.models import FiledReturn, Invoice
from orders.tax_reports.files import write_files
from orders.tax_reports.keeping import pack, unpack
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.periods import Period
from orders.tax_reports.places import PlaceSummary
from orders.tax_reports.rates import LONGEST_GAP
from orders.tax_reports.reports import Summed, make_report
from orders.tax_reports.sales_list import SalesList
from orders.tax_reports.terms import SCHEME_OF


class PeriodNotOver(Exception):
    """Somewhere the company sells it is still the period's last day; nothing was filed."""


class ReturnProvisional(Exception):
    """The exchange rates of the period's last day may still come out; nothing was filed."""


@transaction.atomic(durable=True)
def file_return(
    name: str, *, period: Period, entity_id: int, by: str, now: datetime
) -> FiledReturn:
    """Keep a company's return of a period as it stands now; a second call gives the same one.

    Documents that are issued later count in a later period. Locks the company, so that no
    document is on its way meanwhile. Raises PeriodNotOver, ReturnProvisional, NoSuchReturn and
    ReportRateMissing.
    """
    entity = LegalEntity.objects.select_for_update(no_key=True).get(pk=entity_id)
    known = find_filed(name, period=period, entity_id=entity_id)
    if known is not None:
        return known
    if not is_over(period, entity_id=entity_id, now=now):
        raise PeriodNotOver(f"{period} is not over.")
    documents = Invoice.objects.filter(series__legal_entity=entity)
    last = documents.aggregate(n=Max("pk"))["n"]
    report = make_report(name, period=period, entity_id=entity_id, until=last or 0)
    if waits_for_rates(report.summed, now=now):
        raise ReturnProvisional(f"{name} of {period}")
    return FiledReturn.objects.create(
        legal_entity=entity,
        report=name,
        first_day=period.first,
        months=period.months,
        filed_at=now,
        filed_by=by,
        last_document_id=last,
        figures=pack(report.summed),
        files=write_files(report, entity),
    )


def is_over(period: Period, *, entity_id: int, now: datetime) -> bool:
    """Tell whether a period is over by the clock of every market of a company."""
    markets = Market.objects.filter(legal_entity=entity_id)
    zones = [market.zone for market in markets] or [timezone.get_default_timezone()]
    return all(now.astimezone(zone).date() > period.last for zone in zones)


def waits_for_rates(summed: Summed, *, now: datetime) -> bool:
    """Tell whether the rates of a period's last day may still come out.

    A currency that is not quoted any more never gets one: then the newest before counts.
    """
    return summed.is_provisional and now.date() <= summed.period.last + LONGEST_GAP


def find_filed(name: str, *, period: Period, entity_id: int) -> FiledReturn | None:
    return FiledReturn.objects.filter(
        legal_entity=entity_id, report=name, first_day=period.first, months=period.months
    ).first()


def list_filed(entity_id: int) -> Sequence[FiledReturn]:
    """List what a company filed, the latest period first."""
    return list(FiledReturn.objects.filter(legal_entity=entity_id).defer("files"))


def figures_of(filed: FiledReturn) -> Summed:
    """Give the figures of a return as they were filed."""
    kinds = {"reverse-charge": SalesList, **dict.fromkeys(SCHEME_OF, OneStopReturn)}
    summed: Summed = unpack(kinds.get(filed.report, PlaceSummary), filed.figures)
    return summed
