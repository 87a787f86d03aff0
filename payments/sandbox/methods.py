"""The catalogue of payment methods: how each is paid, captured and refunded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum


class Flow(Enum):
    """How the customer's answer comes in."""

    CARD = "card"
    REDIRECT = "redirect"
    VOUCHER = "voucher"
    QR = "qr"
    DEBIT = "debit"


class Refunds(Enum):
    """How money goes back."""

    INSTANT = "instant"
    PENDING = "pending"
    BANK_DETAILS = "bank_details"
    NONE = "none"


@dataclass(frozen=True)
class Method:
    """One payment method; `currencies` None means all, limits are in minor units."""

    type: str
    name: str
    flow: Flow = Flow.REDIRECT
    currencies: frozenset[str] | None = None
    hold_days: int = 0
    refunds: Refunds = Refunds.INSTANT
    minimum: int = 0
    maximum: int | None = None

    @property
    def captures_manually(self) -> bool:
        return self.hold_days > 0

    def accepts(self, amount: int, *, currency: str) -> bool:
        """Tell whether `amount` in minor units of `currency` can be paid this way."""
        if self.currencies is not None and currency not in self.currencies:
            return False
        return amount >= self.minimum and (self.maximum is None or amount <= self.maximum)


def _in(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


METHODS: dict[str, Method] = {
    method.type: method
    for method in (
        Method("card", "Card", Flow.CARD, hold_days=7),
        Method("link", "Link", hold_days=7),
        Method(
            "klarna",
            "Klarna",
            hold_days=28,
            currencies=_in("aud cad chf czk dkk eur gbp nok nzd pln ron sek usd"),
        ),
        Method(
            "afterpay_clearpay",
            "Afterpay / Clearpay",
            hold_days=13,
            currencies=_in("aud cad gbp nzd usd"),
        ),
        Method("affirm", "Affirm", hold_days=30, currencies=_in("cad usd")),
        Method(
            "paypal",
            "PayPal",
            hold_days=10,
            currencies=_in("aud cad chf czk dkk eur gbp hkd nok nzd pln sek sgd usd"),
        ),
        Method(
            "amazon_pay",
            "Amazon Pay",
            hold_days=7,
            currencies=_in("aud chf dkk eur gbp hkd jpy nok nzd sek usd zar"),
        ),
        Method("cashapp", "Cash App Pay", hold_days=7, currencies=_in("usd")),
        Method("mobilepay", "MobilePay", hold_days=7, currencies=_in("dkk eur nok sek")),
        Method("revolut_pay", "Revolut Pay", hold_days=7, currencies=_in("eur gbp")),
        Method("satispay", "Satispay", hold_days=7, currencies=_in("eur")),
        Method("scalapay", "Scalapay", hold_days=7, currencies=_in("eur")),
        Method("alma", "Alma", hold_days=7, currencies=_in("eur")),
        Method("billie", "Billie", hold_days=7, currencies=_in("eur gbp")),
        Method(
            "alipay",
            "Alipay",
            refunds=Refunds.PENDING,
            currencies=_in("aud cad cny eur gbp hkd jpy myr nzd sgd usd"),
        ),
        Method(
            "wechat_pay",
            "WeChat Pay",
            refunds=Refunds.PENDING,
            currencies=_in("aud cad chf cny dkk eur gbp hkd jpy nok sek sgd usd"),
        ),
        Method("ideal", "iDEAL | Wero", currencies=_in("eur")),
        Method("bancontact", "Bancontact", currencies=_in("eur")),
        Method("eps", "EPS", currencies=_in("eur")),
        Method("p24", "Przelewy24", currencies=_in("eur pln")),
        Method("blik", "BLIK", currencies=_in("pln")),
        Method("twint", "TWINT", currencies=_in("chf")),
        Method("swish", "Swish", currencies=_in("sek")),
        Method("mb_way", "MB WAY", currencies=_in("eur")),
        Method("bizum", "Bizum", currencies=_in("eur")),
        Method("paypay", "PayPay", currencies=_in("jpy")),
        Method("sepa_debit", "SEPA Direct Debit", Flow.DEBIT, currencies=_in("eur")),
        Method("pix", "Pix", Flow.QR, currencies=_in("brl")),
        Method(
            "boleto",
            "Boleto",
            Flow.VOUCHER,
            currencies=_in("brl"),
            refunds=Refunds.NONE,
            minimum=500,
            maximum=4_999_999,
        ),
        Method(
            "oxxo",
            "OXXO",
            Flow.VOUCHER,
            currencies=_in("mxn"),
            refunds=Refunds.NONE,
            minimum=1_000,
            maximum=1_000_000,
        ),
        Method(
            "konbini",
            "Konbini",
            Flow.VOUCHER,
            currencies=_in("jpy"),
            refunds=Refunds.BANK_DETAILS,
            minimum=120,
            maximum=300_000,
        ),
    )
}


def eligible_types(
    *,
    amount: int,
    currency: str,
    is_manual: bool,
    allowed: Collection[str] | None = None,
    excluded: Collection[str] = (),
) -> list[str]:
    """List the types that can pay `amount` minor units, in the caller's order of preference.

    As with Stripe since 2026-09-30, types that do not fit are left out and not refused.
    """
    candidates = METHODS if allowed is None else dict.fromkeys(allowed)
    return [
        type
        for type in candidates
        if type not in excluded
        and METHODS[type].accepts(amount, currency=currency)
        and (METHODS[type].captures_manually or not is_manual)
    ]
