from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from markets.models import Market, MarketCountry, MarketLanguage
from markets.pricing import derive_prices
from markets.pricing.policies import base_currencies, ways_to


class MarketLanguageInline(TabularInline):
    model = MarketLanguage
    extra = 0

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "language":
            return forms.ChoiceField(
                label=db_field.verbose_name,
                choices=settings.LANGUAGES,
                widget=UnfoldAdminSelectWidget,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)


class MarketCountryInline(TabularInline):
    model = MarketCountry
    extra = 0


@admin.register(Market)
class MarketAdmin(ModelAdmin, TranslationAdmin):  # type: ignore[type-arg]
    list_display = ("code", "name", "currency", "fx_margin", "price_adjustment", "is_active")
    readonly_fields = ("repricing",)
    list_filter = ("is_active", "currency")
    search_fields = ("code", "name")
    inlines: ClassVar = [MarketLanguageInline, MarketCountryInline]
    actions = ["derive_again"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": (
            "code", "currency", "time_zone", "prices_include_tax", "tax_rounding",
            "tax_mode", "legal_entity", "return_days", "position", "is_active",
        )}),
        (_("Prices"), {
            "fields": (
                "fx_margin", "price_adjustment", "ending_step", "endings", "ending_grid",
                "avoid_digits", "lowest_price_days", "price_lock_minutes",
            ),
            "description": _("Derived prices follow a change within a minute."),
        }),
        (_("Brakes"), {
            "fields": (
                "repricing", "freeze_until", "hold_up", "hold_down", "dwell_days", "step_limit",
                "approval_limit", "minimum_margin",
            ),
            "description": _(
                "A price follows rates when its target has left the band and its dwell time is "
                "over, and then by no more than the step limit. Your own changes of base prices "
                "and of this market pass these three. A price below its floor rises at once."
            ),
        }),
        *(
            (name, {"classes": ["tab"], "fields": [build_localized_fieldname("name", language)]})
            for language, name in settings.LANGUAGES
        ),
    ]  # fmt: skip

    @admin.display(description=_("repricing"))
    def repricing(self, market: Market) -> str:
        if market._state.adding:
            return "—"
        now = timezone.now()
        if market.freeze_until is not None and now < market.freeze_until:
            day = date_format(timezone.localtime(market.freeze_until), "SHORT_DATETIME_FORMAT")
            return _("stopped: frozen until %(moment)s") % {"moment": day}
        ways = ways_to(market.currency, sources=base_currencies(now=now), now=now)
        for currencies, words in (
            ([*ways.missing, *ways.blocked], _("stopped: no rate for %(currencies)s to price by")),
            (ways.frozen, _("follows no rates: the one for %(currencies)s is old")),
        ):
            if currencies:
                return words % {"currencies": ", ".join(currencies)}
        return str(_("runs"))

    @admin.action(description=_("Derive prices again"), permissions=["change"])
    def derive_again(self, request: HttpRequest, queryset: QuerySet[Market]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        changed = derive_prices(now=timezone.now(), market_ids=ids)
        self.message_user(
            request, ngettext("%d price changed.", "%d prices changed.", changed) % changed
        )
