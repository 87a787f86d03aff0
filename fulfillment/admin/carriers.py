from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationAdmin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin

from fulfillment.models import CarrierService, DeliveryOption


@admin.register(CarrierService)
class CarrierServiceAdmin(ModelAdmin):
    list_display = ("code", "carrier", "name", "option", "is_active")
    list_filter = ("is_active", "option", "carrier")
    search_fields = ("code", "carrier", "name")


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
