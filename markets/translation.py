from modeltranslation.translator import TranslationOptions, register

from markets.models import Market


@register(Market)
class MarketTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)
