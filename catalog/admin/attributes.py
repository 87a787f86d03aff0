from django.contrib import admin
from unfold.admin import ModelAdmin

from catalog.admin.translations import TranslatedAdmin, in_languages, language_tabs
from catalog.models import Attribute, AttributeChoice, TaxCategory


@admin.register(Attribute)
class AttributeAdmin(TranslatedAdmin):
    list_display = ("name", "code", "position")
    search_fields = ("code", *in_languages("name"))
    fieldsets = ((None, {"fields": ("code", "position")}), *language_tabs("name"))


@admin.register(AttributeChoice)
class AttributeChoiceAdmin(TranslatedAdmin):
    list_display = ("name", "attribute", "code")
    list_filter = ("attribute",)
    list_select_related = ("attribute",)
    search_fields = ("code", *in_languages("name"))
    fieldsets = ((None, {"fields": ("attribute", "code")}), *language_tabs("name"))


@admin.register(TaxCategory)
class TaxCategoryAdmin(ModelAdmin):
    list_display = ("code", "name")
    search_fields = ("code", "name")
