from typing import ClassVar

from modeltranslation.translator import TranslationOptions, register

from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Media,
    Option,
    OptionValue,
    Product,
    ProductSafety,
)


@register(Category)
class CategoryTranslation(TranslationOptions):
    fields = ("name", "slug", "description")
    required_languages = ("en",)


@register(Product)
class ProductTranslation(TranslationOptions):
    fields = ("title", "slug", "summary", "description")
    required_languages = ("en",)


@register(Option)
class OptionTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(OptionValue)
class OptionValueTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(Attribute)
class AttributeTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(AttributeChoice)
class AttributeChoiceTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(Media)
class MediaTranslation(TranslationOptions):
    fields = ("alt",)


@register(ProductSafety)
class ProductSafetyTranslation(TranslationOptions):
    fields = ("warnings",)
    # A warning in another language than the market's warns nobody: where it is missing, nothing
    # stands in for it.
    fallback_values = ""
    fallback_languages: ClassVar = {"default": ()}
