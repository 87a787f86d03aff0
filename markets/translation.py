from modeltranslation.translator import TranslationOptions, register

from markets.models import Market, Promotion


@register(Market)
class MarketTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)


@register(Promotion)
class PromotionTranslation(TranslationOptions):
    fields = ("name",)
    required_languages = ("en",)
