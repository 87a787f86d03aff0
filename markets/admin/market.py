from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, TabularInline
from unfold.widgets import UnfoldAdminSelectWidget

from markets.models import Market, MarketCountry, MarketLanguage
from markets.pricing import derive_prices


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
    list_filter = ("is_active", "currency")
    search_fields = ("code", "name")
    inlines: ClassVar = [MarketLanguageInline, MarketCountryInline]
    actions = ["derive_again"]
    fieldsets: ClassVar[Any] = [
        (None, {"fields": (
            "code", "currency", "time_zone", "prices_include_tax", "tax_rounding",
            "return_days", "position", "is_active",
        )}),
        (_("Prices"), {
            "fields": (
                "fx_margin", "price_adjustment", "ending_step", "endings", "ending_grid",
                "avoid_digits",
            ),
            "description": _("Derived prices follow a change within a minute."),
        }),
        *(
            (name, {"classes": ["tab"], "fields": [build_localized_fieldname("name", language)]})
            for language, name in settings.LANGUAGES
        ),
    ]  # fmt: skip

    @admin.action(description=_("Derive prices again"), permissions=["change"])
    def derive_again(self, request: HttpRequest, queryset: QuerySet[Market]) -> None:
        ids = list(queryset.values_list("pk", flat=True))
        changed = derive_prices(now=timezone.now(), market_ids=ids)
        self.message_user(
            request, ngettext("%d price changed.", "%d prices changed.", changed) % changed
        )
