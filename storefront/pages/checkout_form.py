"""The first step of checkout: whom to write to, where the parcel goes and where the bill goes."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from orders.addresses import normalise_address
from orders.errors import AddressInvalid
from orders.models import Address, Cart
from storefront.pages.address_form import (
    BILLING,
    SHIPPING,
    AddressForm,
    address_data,
    countries_of,
    fill_form,
    prefix_of,
    typed_address,
)
from storefront.pages.business import (
    BUSINESS,
    Business,
    BusinessForm,
    BusinessInvalid,
    ask_about,
    business_data,
    business_form,
    read_business,
)
from storefront.pages.requests import now
from storefront.shops import Shop

# The box that asks for a second address, and the mark that its form was there to be filled in.
BILL_ELSEWHERE = "bill_elsewhere"
BILLING_SHOWN = "billing-shown"

Problems = Mapping[str, Mapping[str, str]]


class ContactInvalid(Exception):
    """Something typed is wrong; `problems` are field to reason, by the form's use."""

    def __init__(self, problems: Problems) -> None:
        super().__init__(str(problems))
        self.problems = problems


@dataclass(frozen=True)
class Contact:
    """What the step asks for, checked; `billing` is None where the bill goes with the parcel."""

    email: str
    shipping: dict[str, str]
    billing: dict[str, str] | None
    business: Business = field(default_factory=Business)


@dataclass(frozen=True)
class CheckoutForm:
    email: str
    email_error: str
    shipping: AddressForm
    business: BusinessForm
    billing: AddressForm | None

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """List what is wrong as (id of the field, message), in the form's order."""
        email = (("id_email", self.email_error),) if self.email_error else ()
        billing = self.billing.errors if self.billing else ()
        return email + self.shipping.errors + self.business.errors + billing


def form_of_cart(shop: Shop, cart: Cart) -> CheckoutForm:
    """Give the form as the shopper left it, else one for the market's first country."""
    data = {"email": cart.email, **business_data(cart)}
    for use, row in ((SHIPPING, cart.shipping_address), (BILLING, cart.billing_address)):
        if row is not None:
            data |= {prefix_of(use) + name: value for name, value in address_data(row).items()}
    if cart.billing_address is not None:
        data[BILL_ELSEWHERE] = "1"
    return form_of_data(shop, data)


def form_of_data(
    shop: Shop, data: Mapping[str, str], *, problems: Problems | None = None
) -> CheckoutForm:
    """Give the form with what was typed and, beside it, what is wrong."""
    wrong = problems or {}
    countries = countries_of(shop)

    def form(use: str) -> AddressForm:
        return fill_form(
            shop,
            typed_address(data, use=use),
            use=use,
            country=_country(data, use=use, countries=countries),
            countries=countries,
            problems=wrong.get(use, {}),
        )

    shipping = form(SHIPPING)
    return CheckoutForm(
        email=data.get("email", ""),
        email_error=_("Enter an e-mail address, such as name@example.com.")
        if "email" in wrong
        else "",
        shipping=shipping,
        business=business_form(
            data,
            country=shipping.country,
            country_name=dict(countries)[shipping.country],
            postal_code=data.get("postal_code", ""),
            problems=wrong.get(BUSINESS, {}),
        ),
        billing=form(BILLING) if data.get(BILL_ELSEWHERE) else None,
    )


def lacks_billing_form(data: Mapping[str, str]) -> bool:
    """Tell whether a bill's address was asked for by a form that had no room for it yet."""
    return bool(data.get(BILL_ELSEWHERE)) and BILLING_SHOWN not in data


def check_contact(shop: Shop, data: Mapping[str, str], *, sender: str | None) -> Contact:
    """Give what was typed as columns. Raises ContactInvalid with everything that is wrong.

    A VAT id is checked with its register once all else is sound, so not in a transaction.
    `sender` is the address that it was sent from.
    """
    countries = countries_of(shop)
    problems: dict[str, Mapping[str, str]] = {}
    email = data.get("email", "").strip()
    try:
        validate_email(email)
    except ValidationError:
        problems["email"] = {"email": "invalid"}
    addresses: dict[str, dict[str, str]] = {}
    for use in (SHIPPING, BILLING) if data.get(BILL_ELSEWHERE) else (SHIPPING,):
        country = _country(data, use=use, countries=countries)
        try:
            addresses[use] = normalise_address(country, typed_address(data, use=use))
        except AddressInvalid as error:
            problems[use] = error.problems
    business = Business()
    try:
        if SHIPPING in addresses:
            business = read_business(
                data, address=addresses[SHIPPING], billing=addresses.get(BILLING)
            )
        if not problems:
            ask_about(business, shop=shop, address=addresses[SHIPPING], sender=sender, now=now())
    except BusinessInvalid as error:
        problems[BUSINESS] = error.problems
    if problems:
        raise ContactInvalid(problems)
    return Contact(email, addresses[SHIPPING], addresses.get(BILLING), business)


def keep_contact(cart: Cart, contact: Contact) -> None:
    """Write a contact into an open cart, whose address rows no order holds yet."""
    dropped = cart.billing_address if contact.billing is None else None
    cart.email = contact.email
    cart.shipping_address = _write(cart.shipping_address, contact.shipping)
    cart.billing_address = (
        _write(cart.billing_address, contact.billing) if contact.billing else None
    )
    cart.company, cart.tax_id = contact.business.company, contact.business.tax_id
    cart.save(
        update_fields=[
            "email", "shipping_address", "billing_address", "company", "tax_id", "changed_at",
        ]
    )  # fmt: skip
    if dropped is not None:
        dropped.delete()


def _write(row: Address | None, values: Mapping[str, str]) -> Address:
    row = row or Address()
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    return row


def _country(data: Mapping[str, str], *, use: str, countries: tuple[tuple[str, str], ...]) -> str:
    """Give the country that was chosen, or the market's first; a bill's is the parcel's first."""
    known = dict(countries)
    asked = data.get(f"{prefix_of(use)}country", "")
    if asked in known:
        return asked
    shipping = data.get("country", "")
    return shipping if shipping in known else countries[0][0]
