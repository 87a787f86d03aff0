from django.contrib import admin
from modeltranslation.utils import build_localized_fieldname
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from catalog.models import Variant, VariantOption

_NUMBERS = ("sku", "barcode", "is_active", "position")
_SIZES = ("weight_grams", "length_mm", "width_mm", "height_mm")
_CUSTOMS = ("tax_category", "hs_code", "origin_country", "customs_description")


class VariantInline(StackedInline):
    model = Variant
    tab = True
    extra = 0
    show_change_link = True
    fields = (_NUMBERS, _SIZES, _CUSTOMS)


class VariantOptionInline(TabularInline):
    model = VariantOption
    extra = 0
    autocomplete_fields = ("option", "value")


@admin.register(Variant)
class VariantAdmin(ModelAdmin):
    list_display = ("sku", "product", "barcode", "weight_grams", "tax_category", "is_active")
    list_filter = ("is_active", "tax_category", "product__category")
    list_select_related = ("product", "tax_category")
    search_fields = ("sku", "barcode", build_localized_fieldname("product__title", "en"))
    autocomplete_fields = ("product",)
    fields = ("product", _NUMBERS, _SIZES, _CUSTOMS)
    inlines = (VariantOptionInline,)
