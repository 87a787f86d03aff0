"""What a tax is called in the language that is being read."""

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

_VALUE_ADDED: str | Promise = _("VAT")
_OTHERS: dict[str, str | Promise] = {
    "消費税": _("Consumption tax"),
    "Sales tax": _("Sales tax"),
}
# A country's own name for its tax stays where people read that name's language.
_LANGUAGES = {
    "MwSt": "de",
    "MWST": "de",
    "USt": "de",
    "TVA": "fr",
    "IVA": "es",
    "VAT": "en",
    "增值税": "zh-hans",
    "消費税": "ja",
    "Sales tax": "en",
}
# Value-added taxes of countries whose language no shop is in.
_FOREIGN = {
    "ALV", "BTW", "btw", "DDV", "DPH", "PDV", "PVM", "PVN", "km", "moms", "ÁFA", "ΦΠΑ", "ДДС",
}  # fmt: skip


def tax_name(name: str) -> str:
    """Name a tax for the active language; a name that is not known stays as it is."""
    own = _LANGUAGES.get(name)
    if own == (get_language() or "en") or (own is None and name not in _FOREIGN):
        return name
    return str(_OTHERS.get(name, _VALUE_ADDED))
