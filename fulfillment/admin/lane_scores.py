import csv
from decimal import Decimal
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin

from fulfillment.admin.readonly import ReadOnly
from fulfillment.connections import ENOUGH_PARCELS
from fulfillment.models import LaneScore

# So many percentage points are no trend but chance.
_STEADY = 2
_COLUMNS = (
    "carrier", "service", "warehouse", "country", "parcels", "on_time_percent",
    "recent_on_time_percent", "days_median", "days_p90", "damaged", "cost_eur",
)  # fmt: skip


@admin.register(LaneScore)
class LaneScoreAdmin(ReadOnly, ModelAdmin):
    """What was promised of each lane against what happened, in the last 90 days."""

    list_display = (
        "lane", "parcels", "on_time_shown", "trend", "half", "nine_in_ten", "harmed", "cost_shown",
        "is_promised",
    )  # fmt: skip
    list_filter = ("service__carrier", "service__option", "warehouse", "country")
    list_select_related = ("service__carrier", "warehouse")
    search_fields = ("service__name", "service__carrier__name", "warehouse__name", "country")
    actions: ClassVar = ["download"]

    @admin.display(description=_("lane"), ordering="service__carrier__name")
    def lane(self, score: LaneScore) -> str:
        return format_html(
            '{}<br><span class="whitespace-nowrap">{} → {}</span>',
            score.service, score.warehouse, score.country,
        )  # fmt: skip

    @admin.display(description=_("on time"))
    def on_time_shown(self, score: LaneScore) -> str:
        return _nowrap(f"{_percent(score.on_time, score.parcels)} %")

    @admin.display(description=_("last 30 days"))
    def trend(self, score: LaneScore) -> str:
        if not score.recent_parcels:
            return "–"
        now = _percent(score.recent_on_time, score.recent_parcels)
        change = now - _percent(score.on_time, score.parcels)
        arrow = "→" if abs(change) < _STEADY else "↗" if change > 0 else "↘"
        return _nowrap(f"{arrow} {now} %")

    @admin.display(description=_("days, median"), ordering="days_median")
    def half(self, score: LaneScore) -> str:
        return f"{score.days_median.normalize():f}"

    @admin.display(description=_("days, 9 in 10"), ordering="days_p90")
    def nine_in_ten(self, score: LaneScore) -> str:
        return f"{score.days_p90.normalize():f}"

    @admin.display(description=_("damaged"), ordering="damaged")
    def harmed(self, score: LaneScore) -> int:
        return score.damaged

    @admin.display(description=_("cost"), ordering="cost")
    def cost_shown(self, score: LaneScore) -> str:
        return _nowrap(f"{score.cost} EUR")

    @admin.display(description=_("promised"), boolean=True)
    def is_promised(self, score: LaneScore) -> bool:
        """Tell whether the shop promises by what is measured here."""
        return score.parcels >= ENOUGH_PARCELS

    @admin.action(description=_("Download as CSV"), permissions=["view"])
    def download(self, request: HttpRequest, scores: QuerySet[LaneScore]) -> HttpResponse:
        answer = HttpResponse(content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = 'attachment; filename="lanes.csv"'
        sheet = csv.writer(answer)
        sheet.writerow(_COLUMNS)
        for score in scores.select_related("service__carrier", "warehouse"):
            sheet.writerow(_row(score))
        return answer


def _nowrap(text: str) -> str:
    return format_html('<span class="whitespace-nowrap">{}</span>', text)


def _row(score: LaneScore) -> tuple[Any, ...]:
    recent = score.recent_parcels
    return (
        score.service.carrier.code,
        score.service.code,
        score.warehouse.code,
        score.country,
        score.parcels,
        _percent(score.on_time, score.parcels),
        _percent(score.recent_on_time, recent) if recent else "",
        score.days_median,
        score.days_p90,
        score.damaged,
        score.cost,
    )


def _percent(part: int, whole: int) -> Decimal:
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"))
