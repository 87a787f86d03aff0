from modeltranslation.translator import TranslationOptions, register

from payments.models import PaymentMethod


@register(PaymentMethod)
class PaymentMethodTranslation(TranslationOptions):
    fields = ("name", "hint")
    required_languages = ("en",)
