"""The address form of a country: its fields in its order, with what was typed and what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from orders.addresses import AddressField, address_form_rules, normalise_address
from orders.errors import AddressInvalid
from orders.models import Address, Cart
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


@dataclass(frozen=True)
class FormField:
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
    """A contact and an address, as typed so far; `hidden` keeps what this country does not ask."""

    country: str
    countries: tuple[tuple[str, str], ...]
    email: str
    email_error: str
    fields: tuple[FormField, ...]
    hidden: tuple[tuple[str, str], ...]

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong as (id of the field, message), in the form's order."""
        email = (("id_email", self.email_error),) if self.email_error else ()
        return email + tuple((f"id_{row.name}", row.error) for row in self.fields if row.error)


def countries_of(shop: Shop) -> tuple[tuple[str, str], ...]:
    """List the market's countries by name, its own first one before the others."""
    codes = list(shop.market.countries.order_by("position").values_list("country", flat=True))
    named = [(code, str(shop.babel.territories.get(code, code))) for code in codes]
    return (*named[:1], *sorted(named[1:], key=lambda pair: pair[1]))


def blank_form(shop: Shop, cart: Cart) -> AddressForm:
    """Give the form as the shopper left it, else one for the market's first country."""
    countries = countries_of(shop)
    address = cart.shipping_address
    country = address.country if address else countries[0][0]
    data = {name: getattr(address, name) for name in COLUMNS} if address else {}
    return fill_form(shop, {"email": cart.email, **data}, country=country, countries=countries)


def fill_form(
    shop: Shop,
    data: Mapping[str, str],
    *,
    country: str,
    countries: tuple[tuple[str, str], ...],
    problems: Mapping[str, str] | None = None,
) -> AddressForm:
    wrong = problems or {}
    rules = address_form_rules(country)
    return AddressForm(
        country=country,
        countries=countries,
        email=data.get("email", ""),
        email_error=_("Enter an e-mail address, such as name@example.com.")
        if "email" in wrong
        else "",
        fields=tuple(
            _field(field, data, shop=shop, country=country, problem=wrong.get(field.name, ""))
            for field in rules.fields
        ),
        hidden=tuple(
            (name, data[name]) for name in COLUMNS if name not in rules.names and data.get(name)
        ),
    )


def check_form(country: str, data: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """Give the e-mail address and the address as columns; raise AddressInvalid."""
    problems: dict[str, str] = {}
    email = data.get("email", "").strip()
    try:
        validate_email(email)
    except ValidationError:
        problems["email"] = "invalid"
    try:
        address = normalise_address(country, data)
    except AddressInvalid as error:
        raise AddressInvalid(problems | error.problems) from None
    if problems:
        raise AddressInvalid(problems)
    return email, address


def keep_address(cart: Cart, *, email: str, address: Mapping[str, str]) -> None:
    """Write contact and address into an open cart, whose address row no order holds yet."""
    row = cart.shipping_address or Address()
    for name, value in address.items():
        setattr(row, name, value)
    row.save()
    cart.shipping_address = row
    cart.email = email
    cart.save(update_fields=["shipping_address", "email", "changed_at"])


def address_data(address: Address) -> dict[str, str]:
    return {"country": address.country, **{name: getattr(address, name) for name in COLUMNS}}


def _field(
    field: AddressField, data: Mapping[str, str], *, shop: Shop, country: str, problem: str
) -> FormField:
    local = LOCAL_NAMES.get(shop.language) == country
    return FormField(
        name=field.name,
        label=field.label,
        value=data.get(field.name, ""),
        error=_message(field, problem),
        required=field.required,
        autocomplete=f"shipping {field.autocomplete}",
        input_mode=_input_mode(field.name, country),
        choices=tuple((code, own if local else latin) for code, latin, own in field.choices),
        example=field.example,
        narrow=field.name in NARROW,
    )


def _input_mode(name: str, country: str) -> str:
    if name == "phone":
        return "tel"
    return "numeric" if name == "postal_code" and country in DIGITS_ONLY else ""


def _message(field: AddressField, problem: str) -> str:
    if not problem:
        return ""
    if problem == "required":
        return {
            "name": _("Enter the name of the person who receives the parcel."),
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
