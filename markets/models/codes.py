from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

country_code = RegexValidator(r"^[A-Z]{2}\Z", _("Write a two-letter country code."))
currency_code = RegexValidator(r"^[A-Z]{3}\Z", _("Write a three-letter currency code."))
