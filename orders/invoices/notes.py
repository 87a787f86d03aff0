"""What the law wants said on a document, in its language."""

from collections.abc import Callable, Collection

from django.utils.translation import gettext as _

from markets.tax import Regime

INTRA_EU = "intra_eu"
# A function each, so that the words are those of the language that is active when asked.
_WORDS: dict[str, Callable[[], str]] = {
    Regime.REVERSE_CHARGE: lambda: _("Reverse charge: the recipient accounts for the tax."),
    INTRA_EU: lambda: _(
        "Intra-Community supply, exempt under Article 138 of Directive 2006/112/EC."
    ),
    Regime.OSS: lambda: _(
        "VAT of the country of delivery, declared through the EU One-Stop Shop (OSS)."
    ),
    Regime.IOSS: lambda: _(
        "Import VAT was charged with the order under the EU Import One-Stop Shop (IOSS)."
    ),
    Regime.UK_CONSIGNMENT: lambda: _("UK VAT was charged with the order; none is due at import."),
    Regime.LOW_VALUE_SCHEME: lambda: _(
        "The tax of the country of delivery was charged with the order; none is due at import."
    ),
    Regime.IMPORT_DDP: lambda: _("Delivered duty paid: nothing is due at import."),
    Regime.IMPORT_DAP: lambda: _(
        "Duties and taxes of the country of delivery are not included; the recipient pays them"
        " at import."
    ),
    Regime.EXPORT: lambda: _("Export, not subject to VAT in the country of dispatch."),
}


def write_notes(codes: Collection[str]) -> list[dict[str, str]]:
    """Word notes in the active language, in a fixed order; a code without words is left out."""
    return [{"code": str(code), "text": word()} for code, word in _WORDS.items() if code in codes]
