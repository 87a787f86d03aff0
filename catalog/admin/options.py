from django.contrib import admin

from catalog.admin.translations import TranslatedAdmin, in_languages, language_tabs
from catalog.models import Option, OptionValue


@admin.register(Option)
class OptionAdmin(TranslatedAdmin):
    list_display = ("code", "name")
    search_fields = ("code", *in_languages("name"))
    fieldsets = ((None, {"fields": ("code",)}), *language_tabs("name"))


@admin.register(OptionValue)
class OptionValueAdmin(TranslatedAdmin):
    list_display = ("name", "option", "code", "swatch", "position")
    list_filter = ("option",)
    list_select_related = ("option",)
    search_fields = ("code", *in_languages("name"))
    fieldsets = (
        (None, {"fields": ("option", "code", "swatch", "position")}),
        *language_tabs("name"),
    )
