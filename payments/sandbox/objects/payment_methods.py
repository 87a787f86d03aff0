"""How a payment is paid: Stripe's test payment methods and the details a charge keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from payments.sandbox.errors import missing_resource
from payments.sandbox.ids import new_id, random_digits, random_text


@dataclass(frozen=True)
class Instrument:
    """What the customer pays with and what its issuer will say."""

    type: str
    brand: str = "visa"
    last4: str = "4242"
    decline_code: str | None = None
    asks_three_d_secure: bool = False


_TEST_CARDS = {
    "pm_card_visa": Instrument("card"),
    "pm_card_mastercard": Instrument("card", brand="mastercard", last4="4444"),
    "pm_card_amex": Instrument("card", brand="amex", last4="0005"),
    "pm_card_jcb": Instrument("card", brand="jcb", last4="0505"),
    "pm_card_unionpay": Instrument("card", brand="unionpay", last4="0005"),
    "pm_card_chargeDeclined": Instrument("card", last4="0002", decline_code="generic_decline"),
    "pm_card_visa_chargeDeclined": Instrument("card", last4="0002", decline_code="generic_decline"),
    "pm_card_chargeDeclinedInsufficientFunds": Instrument(
        "card", last4="9995", decline_code="insufficient_funds"
    ),
    "pm_card_visa_chargeDeclinedInsufficientFunds": Instrument(
        "card", last4="9995", decline_code="insufficient_funds"
    ),
    "pm_card_chargeDeclinedFraudulent": Instrument("card", last4="0019", decline_code="fraudulent"),
    "pm_card_threeDSecureRequired": Instrument("card", last4="3063", asks_three_d_secure=True),
    "pm_card_threeDSecure2Required": Instrument("card", last4="3220", asks_three_d_secure=True),
    "pm_card_authenticationRequired": Instrument("card", last4="3184", asks_three_d_secure=True),
}
DECLINING_CARD = _TEST_CARDS["pm_card_chargeDeclined"]


def instrument_for(payment_method: str) -> Instrument:
    """Return the test card that `payment_method` names; raises ApiError for any other id."""
    instrument = _TEST_CARDS.get(payment_method)
    if instrument is None:
        raise missing_resource("PaymentMethod", id=payment_method, param="payment_method")
    return instrument


def new_payment_method_id() -> str:
    """Make the id that an instrument gets once it is used."""
    return new_id("pm")


def as_json(instrument: Instrument) -> dict[str, Any]:
    """Return the instrument as it is kept beside an intent."""
    return asdict(instrument)


def charge_details(
    instrument: Instrument,
    *,
    amount: int,
    voucher_number: str | None = None,
    capture_before: int | None = None,
    three_d_secure: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Build `payment_method_details` of a charge over `amount` minor units."""
    type = instrument.type
    if type == "card":
        inner = _card(
            instrument, amount=amount, capture_before=capture_before, three_d_secure=three_d_secure
        )
    else:
        inner = _other(type, voucher_number=voucher_number)
    return {"type": type, type: inner}


def _card(
    instrument: Instrument,
    *,
    amount: int,
    capture_before: int | None,
    three_d_secure: dict[str, Any] | None,
) -> dict[str, Any]:
    card: dict[str, Any] = {
        "amount_authorized": amount,
        "authorization_code": random_digits(6),
        "brand": instrument.brand,
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "US",
        "exp_month": 12,
        "exp_year": 2034,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": "sandbox" + instrument.brand + instrument.last4,
        "funding": "credit",
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": instrument.last4,
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": instrument.brand,
        "network_transaction_id": random_digits(15),
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "three_d_secure": three_d_secure,
        "wallet": None,
    }
    if capture_before is not None:
        card["capture_before"] = capture_before
    return card


def _other(type: str, *, voucher_number: str | None) -> dict[str, Any]:
    details: dict[str, dict[str, Any]] = {
        "alipay": {"buyer_id": None, "fingerprint": None, "transaction_id": random_digits(28)},
        "wechat_pay": {"fingerprint": None, "transaction_id": random_digits(28)},
        "ideal": {
            "bank": "ing",
            "bic": "INGBNL2A",
            "iban_last4": "5264",
            "verified_name": "J. Jansen",
            "transaction_id": random_digits(16),
        },
        "bancontact": {
            "bank_code": "VAPE",
            "bank_name": "VAN DE PUT & CO",
            "bic": "VAPEBE22",
            "iban_last4": "7061",
            "preferred_language": "en",
            "verified_name": "J. Janssens",
        },
        "eps": {"bank": None, "verified_name": "J. Huber"},
        "p24": {"bank": "ing", "reference": f"P24-{random_text(9)}", "verified_name": "J. Nowak"},
        "klarna": {"payment_method_category": "pay_later", "preferred_locale": None},
        "afterpay_clearpay": {"order_id": random_digits(12), "reference": None},
        "paypal": {
            "country": None,
            "payer_email": None,
            "payer_id": random_text(13).upper(),
            "payer_name": None,
            "transaction_id": random_text(17).upper(),
        },
        "sepa_debit": {
            "bank_code": "37040044",
            "branch_code": "",
            "country": "DE",
            "fingerprint": "sandboxsepa3000",
            "last4": "3000",
            "mandate": new_id("mandate"),
        },
        "pix": {"bank_transaction_id": f"E{random_digits(30)}"},
        "boleto": {"tax_id": "000.000.000-00"},
        "oxxo": {"number": voucher_number},
        "konbini": {"store": {"chain": "lawson"}},
    }
    return details.get(type, {})
