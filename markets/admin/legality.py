from django.contrib import admin

from markets.admin.history import InForceFilter
from markets.admin.law import DatedAdmin
from markets.models import ProductRestriction, PublishingRule, UnitPriceRule


@admin.register(ProductRestriction)
class ProductRestrictionAdmin(DatedAdmin):
    list_display = (
        "country", "region", "effect", "reason", "product", "category", "hs_prefix", "hazard",
        "valid_from", "last_day",
        "source_in_short",
    )  # fmt: skip
    list_filter = ("effect", "reason", "hazard", InForceFilter, "country")
    list_select_related = ("product", "category")
    search_fields = ("country", "hs_prefix", "product__key", "source")
    autocomplete_fields = ("product", "category")
    fields = (
        ("country", "region"),
        ("product", "category"),
        ("hs_prefix", "hazard"),
        ("effect", "reason"),
        ("valid_from", "valid_to"),
        "source",
    )


@admin.register(PublishingRule)
class PublishingRuleAdmin(DatedAdmin):
    list_display = (
        "country", "fact", "tax_category", "is_needed", "area", "valid_from", "last_day",
        "source_in_short",
    )  # fmt: skip
    list_filter = ("fact", "is_needed", "area", InForceFilter, "country")
    list_select_related = ("tax_category",)
    search_fields = ("country", "source")
    fields = (
        ("country", "fact"),
        ("tax_category", "is_needed"),
        "area",
        ("valid_from", "valid_to"),
        "source",
    )


@admin.register(UnitPriceRule)
class UnitPriceRuleAdmin(DatedAdmin):
    list_display = (
        "country", "measure", "per_amount", "content_to", "valid_from", "last_day",
        "source_in_short",
    )  # fmt: skip
    list_filter = ("measure", InForceFilter, "country")
    search_fields = ("country", "source")
    fields = (
        ("country", "measure"),
        ("per_amount", "content_to"),
        ("valid_from", "valid_to"),
        "source",
    )
