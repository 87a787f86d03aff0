from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from catalog.admin.media import MediaInline
from catalog.admin.pictures import preview
from catalog.admin.safety import ProductSafetyInline
from catalog.admin.translations import TranslatedAdmin, in_languages, language_tabs
from catalog.admin.variant import VariantInline
from catalog.html import clean_html
from catalog.models import Product, ProductAttribute


class ProductForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Product
        fields = "__all__"  # noqa: DJ007 - the admin's fieldsets choose

    def clean(self) -> dict[str, Any]:
        """Keep of a description what a shop page may show; it is shown as it is kept."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for field in in_languages("description"):
            if data.get(field):
                data[field] = clean_html(data[field])
        return data


class ProductAttributeForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = ProductAttribute
        fields = ("attribute", "choice", "text")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        attribute, choice = data.get("attribute"), data.get("choice")
        if attribute and choice and choice.attribute_id != attribute.pk:
            self.add_error("choice", _("This choice belongs to another attribute."))
        return data


class ProductAttributeInline(TabularInline):
    model = ProductAttribute
    form = ProductAttributeForm
    tab = True
    extra = 0
    autocomplete_fields = ("attribute", "choice")


@admin.register(Product)
class ProductAdmin(TranslatedAdmin):
    form = ProductForm
    list_display = ("picture", "title", "key", "category", "status", "variant_count", "changed_at")
    list_display_links = ("picture", "title")
    list_filter = ("status", "category")
    list_select_related = ("category",)
    search_fields = ("key", *in_languages("title"), "variants__sku", "variants__barcode")
    autocomplete_fields = ("category",)
    prepopulated_fields = {"slug": ("title",)}
    date_hierarchy = "created_at"
    list_per_page = 50
    inlines = (VariantInline, MediaInline, ProductAttributeInline, ProductSafetyInline)
    fieldsets = (
        (None, {"fields": (("key", "status"), ("category", "brand"))}),
        *language_tabs("title", "slug", "summary", "description"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        products: QuerySet[Product] = super().get_queryset(request)
        return products.annotate(
            count_of_variants=Count("variants", distinct=True)
        ).prefetch_related("media")

    @admin.display(description=_("picture"))
    def picture(self, product: Product) -> SafeString | str:
        return preview(next(iter(product.media.all()), None), pixels=48)

    @admin.display(description=_("variants"))
    def variant_count(self, product: Any) -> int:
        return int(product.count_of_variants)
