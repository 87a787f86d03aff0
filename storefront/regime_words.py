"""Why something was taxed as it was, in the words of a merchant."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from markets.tax import Regime

_WORDS: dict[str, Promise] = {
    Regime.DOMESTIC: _("domestic"),
    Regime.OSS: _("One-Stop Shop"),
    Regime.ORIGIN: _("at the place of dispatch"),
    Regime.IOSS: _("Import One-Stop Shop"),
    Regime.UK_CONSIGNMENT: _("UK low-value consignment"),
    Regime.LOW_VALUE_SCHEME: _("low-value scheme"),
    Regime.IMPORT_DDP: _("import, duty paid"),
    Regime.IMPORT_DAP: _("import, buyer pays"),
    Regime.REVERSE_CHARGE: _("reverse charge"),
    Regime.EXPORT: _("export"),
    Regime.SALES_TAX: _("collected"),
    Regime.NO_NEXUS: _("not collected, no nexus"),
}


def regime_words(regime: str) -> str:
    return str(_WORDS.get(regime, regime))
