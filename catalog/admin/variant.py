from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, StackedInline, TabularInline
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from catalog.models import Hazard, Variant, VariantOption

# Two in a row: more of them lie over each other.
_FIELDS = (
    ("sku", "barcode"),
    ("is_active", "position"),
    ("weight_grams", "length_mm"),
    ("width_mm", "height_mm"),
    ("tax_category", "hs_code"),
    ("origin_country", "customs_description"),
    ("content_amount", "content_unit"),
    "hazards",
)


class VariantForm(forms.ModelForm):  # type: ignore[type-arg]
    hazards = forms.MultipleChoiceField(
        label=_("hazards"),
        choices=Hazard.choices,
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=_("What carriers and destinations may refuse it for."),
    )

    class Meta:
        model = Variant
        fields = "__all__"  # noqa: DJ007 - the admin's fields choose


class VariantInline(StackedInline):
    model = Variant
    form = VariantForm
    tab = True
    show_change_link = True
    fields = _FIELDS

    def get_extra(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> int:
        # Without a variant there is nothing to buy: a new product starts with one.
        return 0 if obj else 1


class VariantOptionForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = VariantOption
        fields = ("option", "value")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        option, value = data.get("option"), data.get("value")
        if option and value and value.option_id != option.pk:
            self.add_error("value", _("This value belongs to another option."))
        return data


class VariantOptionInline(TabularInline):
    model = VariantOption
    form = VariantOptionForm
    extra = 0
    autocomplete_fields = ("option", "value")


@admin.register(Variant)
class VariantAdmin(ModelAdmin):
    form = VariantForm
    list_display = ("sku", "product", "barcode", "weight_grams", "tax_category", "is_active")
    list_filter = ("is_active", "tax_category", "product__category")
    list_select_related = ("product", "tax_category")
    search_fields = ("sku", "barcode", build_localized_fieldname("product__title", "en"))
    autocomplete_fields = ("product",)
    fields = ("product", *_FIELDS)
    inlines = (VariantOptionInline,)
