"""Marking a return as filed, and what its pages say of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from orders.models import FiledReturn
from orders.tax_reports.conversion import ReportRateMissing
from orders.tax_reports.filing import (
    PeriodNotOver,
    ReturnProvisional,
    figures_of,
    file_return,
    list_filed,
)
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.periods import Period
from orders.tax_reports.places import PlaceSummary
from orders.tax_reports.reports import NoSuchReturn
from storefront.tax_reports.choices import Choice
from storefront.tax_reports.tables import TITLES
from storefront.wording import amount_text


@dataclass(frozen=True)
class FiledRow:
    name: str
    title: Any
    period: Period
    filed_at: datetime
    filed_by: str
    amounts: list[str]


def mark_as_filed(name: str, choice: Choice, *, by: str, now: datetime) -> str:
    """File what is chosen; give why it was not, in words, or nothing."""
    if choice.entity is None:
        return _("There is no legal entity yet.")
    try:
        file_return(name, period=choice.period, entity_id=choice.entity.pk, by=by, now=now)
    except PeriodNotOver:
        return _("This period is not over yet. Nothing was filed.")
    except ReturnProvisional:
        return _("The exchange rates of the last day are not out yet. Nothing was filed.")
    except NoSuchReturn:
        return _("There is no return of this period.")
    except ReportRateMissing as error:
        words = {"currency": error.currency, "day": error.day}
        return _("%(currency)s has no exchange rate for %(day)s.") % words
    return ""


def filed_rows(choice: Choice) -> list[FiledRow]:
    return [_row(filed) for filed in list_filed(choice.entity.pk)] if choice.entity else []


def _row(filed: FiledReturn) -> FiledRow:
    return FiledRow(
        name=filed.report,
        title=TITLES[filed.report],
        period=Period(filed.first_day, filed.months),
        filed_at=filed.filed_at,
        filed_by=filed.filed_by,
        amounts=_amounts(filed),
    )


def _amounts(filed: FiledReturn) -> list[str]:
    """Say what was to be paid, or what was told where nothing is."""
    figures = figures_of(filed)
    match figures:
        case OneStopReturn():
            return [amount_text(figures.payable, figures.currency)]
        case PlaceSummary():
            return [amount_text(total.tax, total.currency) for total in figures.totals]
    return [amount_text(figures.net, figures.currency)]
