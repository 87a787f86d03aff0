"""The demo's legal entity and where it is registered for tax."""

from datetime import date

from markets.loading import load_tax_law
from markets.models import LegalEntity, Market, TaxRegistration
from storefront.demo.texts import read_data, upsert

_FIELDS = ("address", "country", "tax_id", "email", "invoice_prefix")
_SINCE = date(2021, 7, 1)


def load_taxes() -> None:
    """Load how places tax, and who sells in the markets that nobody sells in yet.

    A market's legal entity stays where staff chose another.
    """
    load_tax_law()
    file = read_data("taxes")
    data = file["entity"]
    entity = upsert(
        LegalEntity,
        by={"name": data["name"]},
        to={key: data[key] for key in _FIELDS},
    )
    for country, region, scheme, number in file["registrations"]:
        upsert(
            TaxRegistration,
            by={
                "legal_entity": entity, "country": country, "region": region, "scheme": scheme,
                "valid_from": _SINCE,
            },
            to={"number": number, "source": "demo"},
        )  # fmt: skip
    for code, rounding in file["rounding"].items():
        Market.objects.filter(code=code).update(tax_rounding=rounding)
    Market.objects.filter(legal_entity=None).update(legal_entity=entity)
