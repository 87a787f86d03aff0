from modeltranslation.translator import TranslationOptions, register

from fulfillment.models import DeliveryOption


@register(DeliveryOption)
class DeliveryOptionTranslation(TranslationOptions):
    fields = ("name", "description")
    required_languages = ("en",)
