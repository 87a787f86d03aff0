"""What has to stand beside a price: that tax is inside, or that it is added."""

from datetime import datetime

from django.utils.translation import gettext as _

from catalog.reference import one_reference
from markets.models import Market
from markets.selectors import list_countries
from markets.tax import STANDARD, find_rule
from markets.taxes import tax_rules
from storefront.tax_names import tax_name

# Where a name is shortened its language writes a full stop after it in running text.
_SHORTENED = {"MwSt": "MwSt."}


def tax_note(market: Market, *, now: datetime) -> str:
    """Say "incl. VAT" in the active language, by the name of the market's tax, or "+ tax"."""
    if not market.prices_include_tax:
        return _("+ tax")
    with one_reference():
        country = next(iter(list_countries(market)), "")
        rules = tax_rules(country, on=now.astimezone(market.zone).date())
    rule = find_rule(STANDARD, rules=rules, country=country, region="")
    if rule is None:
        return _("incl. tax")
    name = tax_name(rule.name)
    return _("incl. %(tax)s") % {"tax": _SHORTENED.get(name, name)}
