"""The address form of a country: its fields in its order, with what was typed and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orders.addresses import AddressField, address_form_rules
from orders.models import Address
from storefront.shops import Shop

# Written in the script of the place where people read it.
LOCAL_NAMES = {"ja": "JP", "zh-hans": "CN", "ar": "AE"}
COLUMNS = (
    "name",
    "company_name",
    "street_address",
    "city",
    "city_area",
    "country_area",
    "postal_code",
    "sorting_code",
    "phone",
)
NARROW = {"postal_code", "country_area", "sorting_code"}
DIGITS_ONLY = {"DE", "AT", "CH", "FR", "ES", "IT", "US", "AU", "CN", "MX", "JP", "BR", "BE", "SE"}


SHIPPING, BILLING = "shipping", "billing"


@dataclass(frozen=True)
class FormField:
    """`kind` is the address's column; `name` is the input's, which tells the two forms apart."""

    kind: str
    name: str
    label: str | Promise
    value: str
    error: str
    required: bool
    autocomplete: str
    input_mode: str
    choices: tuple[tuple[str, str], ...]
    example: str
    narrow: bool


@dataclass(frozen=True)
class AddressForm:
    """An address as typed so far; `hidden` keeps what this country does not ask for."""

    use: str
    prefix: str
    country: str
    countries: tuple[tuple[str, str], ...]
    fields: tuple[FormField, ...]
    hidden: tuple[tuple[str, str], ...]

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong as (id of the field, message), in the form's order."""
        return tuple((f"id_{row.name}", row.error) for row in self.fields if row.error)


def countries_of(shop: Shop) -> tuple[tuple[str, str], ...]:
    """List the market's countries by name, its own first one before the others."""
    codes = list(shop.market.countries.order_by("position").values_list("country", flat=True))
    named = [(code, str(shop.babel.territories.get(code, code))) for code in codes]
    return (*named[:1], *sorted(named[1:], key=lambda pair: pair[1]))


def prefix_of(use: str) -> str:
    return "" if use == SHIPPING else f"{use}-"


def typed_address(data: Mapping[str, str], *, use: str) -> dict[str, str]:
    """Give what was typed into one of the two forms, by column."""
    prefix = prefix_of(use)
    return {name: data[prefix + name] for name in COLUMNS if prefix + name in data}


def fill_form(
    shop: Shop,
    typed: Mapping[str, str],
    *,
    use: str,
    country: str,
    countries: tuple[tuple[str, str], ...],
    problems: Mapping[str, str],
) -> AddressForm:
    rules = address_form_rules(country)
    prefix = prefix_of(use)
    return AddressForm(
        use=use,
        prefix=prefix,
        country=country,
        countries=countries,
        fields=tuple(
            _field(
                field,
                typed.get(field.name, ""),
                use=use,
                local=LOCAL_NAMES.get(shop.language) == country,
                country=country,
                problem=problems.get(field.name, ""),
            )
            for field in rules.fields
        ),
        hidden=tuple(
            (prefix + name, typed[name])
            for name in COLUMNS
            if name not in rules.names and typed.get(name)
        ),
    )


def address_data(address: Address) -> dict[str, str]:
    return {"country": address.country, **{name: getattr(address, name) for name in COLUMNS}}


def _field(
    field: AddressField, value: str, *, use: str, local: bool, country: str, problem: str
) -> FormField:
    return FormField(
        kind=field.name,
        name=prefix_of(use) + field.name,
        label=field.label,
        value=value,
        error=_message(field, problem, use=use),
        required=field.required,
        autocomplete=f"{use} {field.autocomplete}",
        input_mode=_input_mode(field.name, country),
        choices=tuple((code, own if local else latin) for code, latin, own in field.choices),
        example=field.example,
        narrow=field.name in NARROW,
    )


def _input_mode(name: str, country: str) -> str:
    if name == "phone":
        return "tel"
    return "numeric" if name == "postal_code" and country in DIGITS_ONLY else ""


def _message(field: AddressField, problem: str, *, use: str) -> str:
    if not problem:
        return ""
    if problem == "required":
        return {
            "name": _("Enter the name of the person who receives the parcel.")
            if use == SHIPPING
            else _("Enter the name that the bill is made out to."),
            "street_address": _("Enter the street and the house number."),
            "postal_code": _("Enter the postal code."),
        }.get(field.name) or _("Fill in “%(field)s”.") % {"field": field.label}
    if field.name == "postal_code" and field.example:
        return _("This is no postal code here. One looks like %(example)s.") % {
            "example": field.example
        }
    if field.name == "phone":
        return _("Enter a phone number with digits only, such as +41 44 668 18 00.")
    return _("Check “%(field)s”: this does not fit.") % {"field": field.label}
