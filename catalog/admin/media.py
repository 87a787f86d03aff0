from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.admin import TabularInline

from catalog.admin.addresses import SecureByDefault
from catalog.admin.pictures import preview
from catalog.admin.translations import TranslatedAdmin, language_tabs
from catalog.models import Media, Variant


class MediaInline(SecureByDefault, TabularInline):
    model = Media
    tab = True
    extra = 0
    show_change_link = True
    fields = ("picture", "file", "source_url", "variant", "alt_en", "position")
    readonly_fields = ("picture",)

    @admin.display(description=_("picture"))
    def picture(self, media: Media) -> SafeString | str:
        return preview(media, pixels=64)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer the product's own variants, not those of the whole catalogue."""
        match = request.resolver_match
        if db_field.name == "variant" and match:
            product = match.kwargs.get("object_id")
            kwargs["queryset"] = Variant.objects.filter(product=product)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Media)
class MediaAdmin(SecureByDefault, TranslatedAdmin):
    list_display = ("picture", "product", "variant", "alt", "position")
    list_select_related = ("product", "variant")
    search_fields = ("product__key", "product__title_en", "variant__sku")
    autocomplete_fields = ("product", "variant")
    fieldsets = (
        (None, {"fields": ("picture", "product", "variant", "file", "source_url", "position")}),
        *language_tabs("alt"),
    )
    readonly_fields = ("picture",)

    @admin.display(description=_("picture"))
    def picture(self, media: Media) -> SafeString | str:
        return preview(media, pixels=64)
