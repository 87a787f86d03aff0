from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationStackedInline
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, StackedInline

from catalog.admin.addresses import SecureByDefault
from catalog.models import Manufacturer, ProductSafety, ResponsiblePerson


class ProductSafetyInline(StackedInline, TranslationStackedInline):  # type: ignore[type-arg]
    """What the offer says of a product's safety; removed as a whole."""

    model = ProductSafety
    tab = True
    extra = 0
    max_num = 1
    verbose_name_plural = _("Safety")
    autocomplete_fields = ("manufacturer", "responsible_persons")
    fields: ClassVar[Any] = (
        "manufacturer",
        "responsible_persons",
        "model",
        "needs_no_warnings",
        *(
            build_localized_fieldname("warnings", language)
            for language, _name in settings.LANGUAGES
        ),
    )


class SafetyContactAdmin(SecureByDefault, ModelAdmin):
    list_display = ("name", "country", "email", "website")
    list_filter = ("country",)
    search_fields = ("name", "address", "email")
    fields = ("name", "address", "country", ("email", "website"))


@admin.register(Manufacturer)
class ManufacturerAdmin(SafetyContactAdmin):
    pass


@admin.register(ResponsiblePerson)
class ResponsiblePersonAdmin(SafetyContactAdmin):
    pass
