"""Which register answers for a VAT id, and with which of our own ids it is asked."""

from datetime import date

from django.conf import settings

from markets.models import Market, TaxIdCheck, TaxRegistration
from markets.ranges import in_force
from markets.tax_ids.answers import Register
from markets.tax_ids.hmrc import Hmrc
from markets.tax_ids.numbers import TaxId, TaxIdMalformed, read_tax_id
from markets.tax_ids.vies import Vies

OFF = "off"
SOURCES = {TaxIdCheck.Kind.EU_VAT.value: "vies", TaxIdCheck.Kind.GB_VAT.value: "hmrc"}


def find_register(kind: str) -> Register | None:
    """Give the register for a kind of VAT id; None if the settings leave it out."""
    if kind == TaxIdCheck.Kind.EU_VAT:
        return Vies(settings.VIES_URL) if settings.VIES_URL != OFF else None
    if settings.HMRC_URL == OFF or not settings.HMRC_CLIENT_ID:
        return None
    return Hmrc(settings.HMRC_URL, settings.HMRC_CLIENT_ID, settings.HMRC_CLIENT_SECRET)


def find_requester(market: Market, *, kind: str, on: date) -> TaxId | None:
    """Find a VAT id of a market's legal entity that the register for a kind knows.

    With it the answer carries a consultation number, which proves to the tax office that we
    asked. The entity's own comes before those of its registrations.
    """
    entity = market.legal_entity
    if entity is None:
        return None
    registered = TaxRegistration.objects.filter(in_force(on), legal_entity=entity)
    numbers = registered.exclude(number="").order_by("country", "scheme", "pk")
    for number in (entity.tax_id, *numbers.values_list("number", flat=True)):
        try:
            found = read_tax_id(number)
        except TaxIdMalformed:
            continue
        if found.kind == kind:
            return found
    return None
