from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dates import WEEKDAYS_ABBR
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, TabularInline

from fulfillment.admin.lane_fields import BracketForm, CarrierForm, ServiceForm, ZoneForm
from fulfillment.models import (
    Carrier,
    CarrierService,
    Closure,
    DeliveryOption,
    Zone,
    ZoneBracket,
)


class ServiceInline(TabularInline):
    model = CarrierService
    extra = 0
    fields = ("code", "name", "option", "fuel_percent", "is_active")
    show_change_link = True


@admin.register(Carrier)
class CarrierAdmin(ModelAdmin):
    form = CarrierForm
    list_display = ("name", "code", "adapter", "active_services", "answers", "is_active")
    list_filter = ("is_active", "adapter")
    search_fields = ("code", "name")
    inlines: ClassVar = [ServiceInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Carrier]:
        carriers: QuerySet[Carrier] = super().get_queryset(request)
        return carriers.annotate(
            active_services=Count("services", filter=Q(services__is_active=True))
        )

    @admin.display(description=_("active services"))
    def active_services(self, carrier: Any) -> int:
        return int(carrier.active_services)

    @admin.display(description=_("answers"), boolean=True)
    def answers(self, carrier: Carrier) -> bool:
        return carrier.down_until is None or carrier.down_until <= timezone.now()


@admin.register(CarrierService)
class CarrierServiceAdmin(ModelAdmin):
    form = ServiceForm
    list_display = (
        "name",
        "carrier",
        "option",
        "fuel_percent",
        "collects",
        "delivers",
        "is_active",
    )
    list_filter = ("is_active", "option", "carrier")
    list_select_related = ("carrier",)
    search_fields = ("code", "carrier__name", "name")
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("carrier", "code", "name", "option", "tracking_url", "is_active")}),
        (_("Cost"), {"fields": (("fuel_percent", "volumetric_divisor"),)}),
        (_("Days"), {"fields": (("pickup_days", "delivery_days"),)}),
        (_("What it does not carry"), {"fields": ("refused_hazards",)}),
    ]

    @admin.display(description=_("collects"))
    def collects(self, service: CarrierService) -> str:
        return _weekdays(service.pickup_days)

    @admin.display(description=_("delivers"))
    def delivers(self, service: CarrierService) -> str:
        return _weekdays(service.delivery_days)


class BracketInline(TabularInline):
    model = ZoneBracket
    form = BracketForm
    extra = 0
    fields = ("up_to_grams", "cost")


@admin.register(Zone)
class ZoneAdmin(ModelAdmin):
    form = ZoneForm
    list_display = (
        "service", "warehouse", "to", "base_cost", "cost_per_kg", "days", "customs",
        "max_weight_grams",
    )  # fmt: skip
    list_filter = ("warehouse", "service__carrier", "service__option")
    list_select_related = ("service__carrier", "warehouse")
    search_fields = ("service__name", "service__code", "warehouse__name", "countries")
    inlines: ClassVar = [BracketInline]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": ("service", "warehouse", "countries")}),
        (_("Cost"), {
            "fields": (("base_cost", "cost_per_kg"), ("max_weight_grams", "co2_grams_per_kg")),
            "description": _("A zone with weight brackets goes by these alone."),
        }),
        (_("Time"), {
            "fields": (
                "cutoff",
                ("transit_days_min", "transit_days_max"),
                ("customs_days_min", "customs_days_max"),
            ),
            "description": _(
                "From 30 parcels in 90 days on, what nine in ten of them took is promised instead"
                " of the most days here."
            ),
        }),
    ]  # fmt: skip

    @admin.display(description=_("countries"))
    def to(self, zone: Zone) -> str:
        return ", ".join(zone.countries)

    @admin.display(description=_("working days"))
    def days(self, zone: Zone) -> str:
        return _span(zone.transit_days_min, zone.transit_days_max)

    @admin.display(description=_("at customs"))
    def customs(self, zone: Zone) -> str:
        return _span(zone.customs_days_min, zone.customs_days_max) if zone.customs_days_max else ""


@admin.register(Closure)
class ClosureAdmin(ModelAdmin):
    list_display = ("reason", "place", "carrier", "first_on", "last_on", "source")
    list_filter = ("warehouse", "country", "carrier")
    list_select_related = ("warehouse", "carrier")
    search_fields = ("reason", "country", "source")
    date_hierarchy = "first_on"
    fieldsets: ClassVar[Any] = [
        (None, {
            "fields": (
                "reason", ("first_on", "last_on"), "warehouse", ("country", "carrier"), "source",
            ),
            "description": _(
                "Public holidays are known; these are days closed besides. Promised dates follow"
                " at once."
            ),
        }),
    ]  # fmt: skip

    @admin.display(description=_("where"))
    def place(self, closure: Closure) -> str:
        return closure.warehouse.name if closure.warehouse else closure.country


@admin.register(DeliveryOption)
class DeliveryOptionAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]
    list_display = ("market", "code", "name", "price", "free_from", "position", "is_active")
    list_display_links = ("code",)
    list_filter = ("market", "is_active", "code")
    list_select_related = ("market",)
    search_fields = ("code", "name", "market__code")
    fieldsets: ClassVar[Any] = [
        (None, {
            "fields": (
                "market", "code", "price", "free_from", "refunded_up_to", "position", "is_active",
            ),
            "description": _("The code says which carrier services fulfil the option."),
        }),
        *(
            (language_name, {"classes": ["tab"], "fields": [
                build_localized_fieldname("name", language),
                build_localized_fieldname("description", language),
            ]})
            for language, language_name in settings.LANGUAGES
        ),
    ]  # fmt: skip


def _weekdays(days: list[int]) -> str:
    return " ".join(str(WEEKDAYS_ABBR[day]) for day in sorted(days))


def _span(fewest: int, most: int) -> str:
    return str(most) if fewest == most else f"{fewest} – {most}"
