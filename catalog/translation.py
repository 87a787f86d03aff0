from modeltranslation.translator import TranslationOptions, register

from catalog.models import (
    Attribute,
    AttributeChoice,
    Category,
    Media,
    Option,
    OptionValue,
    Product,
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
