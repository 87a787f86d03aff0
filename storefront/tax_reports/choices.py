"""Which company's report of which time a page is asked for, and what else it can be asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import Http404, QueryDict

from markets.models import LegalEntity
from orders.tax_reports.periods import Period, parse_period, period_of

_LOOKED_BACK = {12: 6, 3: 20, 1: 36}  # How many of each length are offered.
_LENGTHS = {"oss": (3,), "ioss": (1,)}
_EVERY_LENGTH = (3, 1, 12)


@dataclass(frozen=True)
class Choice:
    """What is shown; without a company there is nothing to show."""

    entities: Sequence[LegalEntity]
    entity: LegalEntity | None
    periods: Sequence[Period]
    period: Period

    @property
    def query(self) -> str:
        return f"entity={self.entity.pk if self.entity else ''}&period={self.period}"


def read_choice(query: QueryDict, *, report: str = "", today: date) -> Choice:
    """Read the address's fields: the first company and the last whole period unless told.

    Raises Http404 for a company or a period that is none.
    """
    entities = list(LegalEntity.objects.order_by("name"))
    wanted = query.get("entity", "")
    entity = entities[0] if entities else None
    if wanted:
        entity = next((one for one in entities if str(one.pk) == wanted), None)
        if entity is None:
            raise Http404
    lengths = _LENGTHS.get(report, _EVERY_LENGTH)
    periods = [period for months in lengths for period in _back(today, months=months)]
    period = _asked(query.get("period", "")) or period_of(today, months=lengths[0]).previous()
    if period.months not in lengths:
        period = period_of(period.first, months=lengths[0])
    return Choice(entities, entity, periods if period in periods else [period, *periods], period)


def _asked(text: str) -> Period | None:
    if not text:
        return None
    try:
        return parse_period(text)
    except ValueError as error:
        raise Http404 from error


def _back(today: date, *, months: int) -> list[Period]:
    periods = [period_of(today, months=months)]
    while len(periods) < _LOOKED_BACK[months]:
        periods.append(periods[-1].previous())
    return periods
