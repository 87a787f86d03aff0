"""Who sells and who buys, as they stand on a document: copied, so that it never changes."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Q

from markets.models import LegalEntity, Scheme, TaxPlaceRule, TaxRegistration
from orders.addresses import format_address
from orders.invoices.errors import NoLegalEntity
from orders.models import Address, Order


def seller_of(order: Order) -> LegalEntity:
    """Give the company that sold an order. Raises NoLegalEntity."""
    entity = order.legal_entity or order.market.legal_entity
    if entity is None:
        raise NoLegalEntity(f"Market {order.market.code} has no legal entity.")
    return entity


def seller_facts(
    entity: LegalEntity,
    registrations: Iterable[int | None],
    *,
    taxed_in: Iterable[str],
    on: date,
) -> dict[str, Any]:
    """Copy a company with the registrations that its document uses.

    The IOSS number is left out: it is for customs alone, and whoever reads it could import
    under it. `area` is EU where the company and all countries of `taxed_in` are of it.
    """
    used = TaxRegistration.objects.filter(pk__in={pk for pk in registrations if pk is not None})
    return {
        "name": entity.name,
        "lines": [line for line in entity.address.splitlines() if line.strip()],
        "country": entity.country,
        "area": "EU" if in_tax_area([entity.country, *taxed_in], "EU", on=on) else "",
        "tax_id": entity.tax_id,
        "email": entity.email,
        "registrations": [
            {
                "country": row.country,
                "region": row.region,
                "scheme": row.scheme,
                "number": row.number,
            }
            for row in used.exclude(scheme=Scheme.IOSS).order_by("country", "region", "scheme")
            if row.number and row.number != entity.tax_id
        ],
    }


def buyer_facts(order: Order) -> dict[str, Any]:
    """Copy who the document is for, with both addresses as their countries write them."""
    billing, shipping = order.billing_address, order.shipping_address
    same = billing.pk == shipping.pk
    company = order.buyer_company or billing.company_name
    return {
        "name": billing.name,
        "company": company,
        "tax_id": order.buyer_tax_id,
        "email": order.email,
        "country": billing.country,
        "lines": _lines(billing, order, company),
        "address": _fields(billing),
        "ship_to": None
        if same
        else {"lines": _lines(shipping, order, ""), "address": _fields(shipping)},
        "ship_to_country": shipping.country,
    }


def in_tax_area(countries: Iterable[str], area: str, *, on: date) -> bool:
    """Tell whether all of some countries are of a tax area such as EU on a day."""
    wanted = set(countries)
    found = TaxPlaceRule.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=on),
        country__in=wanted, region="", area=area, valid_from__lte=on,
    ).values_list("country", flat=True)  # fmt: skip
    return set(found) == wanted


def _lines(address: Address, order: Order, company: str) -> list[str]:
    lines = format_address(address, locale=order.locale)
    return [company, *lines] if company and company not in lines else lines


def _fields(address: Address) -> dict[str, str]:
    return {
        "name": address.name,
        "street": address.street_address,
        "city": address.city,
        "area": address.country_area,
        "postal_code": address.postal_code,
        "country": address.country,
    }
