"""What a customer is asked to do next: authenticate, follow a redirect, pay a voucher, scan."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.ids import random_digits
from payments.sandbox.store import Record

# Vouchers end with a day of their own country; none of the three has summer time.
_UTC_OFFSET_HOURS = {"boleto": -3, "konbini": 9, "oxxo": -6}
_DEFAULT_DAYS = {"boleto": 3, "konbini": 3, "oxxo": 5}
_KONBINI_CHAINS = ("familymart", "lawson", "ministop", "seicomart")


def redirect_action(account: Account, intent: Record, *, return_url: str | None) -> dict[str, Any]:
    """Send the customer to the page where they authenticate or authorise."""
    url = f"{account.base_url}/authenticate/{intent.id}"
    return {"type": "redirect_to_url", "redirect_to_url": {"return_url": return_url, "url": url}}


def voucher_action(account: Account, intent: Record, *, type: str) -> dict[str, Any]:
    """Hand out a voucher; its number and end are kept beside the intent."""
    days = _option(intent, type, "expires_after_days") or _DEFAULT_DAYS[type]
    expires_at = _end_of_day(account.now(), days=days, offset_hours=_UTC_OFFSET_HOURS[type])
    number = random_digits(47 if type == "boleto" else 14)
    intent.private.update(voucher_number=number, voucher_expires_at=expires_at, voucher_type=type)
    url = f"{account.base_url}/vouchers/{intent.id}"
    details: dict[str, Any] = {"hosted_voucher_url": url}
    if type == "oxxo":
        details.update(expires_after=expires_at, number=number)
    elif type == "boleto":
        details.update(expires_at=expires_at, number=number, pdf=url)
    else:
        code = {"confirmation_number": random_digits(11), "payment_code": number[:6]}
        details.update(expires_at=expires_at, stores=dict.fromkeys(_KONBINI_CHAINS, code))
    return {"type": f"{type}_display_details", f"{type}_display_details": details}


def qr_action(account: Account, intent: Record) -> dict[str, Any]:
    """Show a Pix code; it lives a day unless the caller says otherwise."""
    seconds = _option(intent, "pix", "expires_after_seconds") or 24 * 3600
    expires_at = account.now() + seconds
    number = random_digits(32)
    intent.private.update(voucher_number=number, voucher_expires_at=expires_at, voucher_type="pix")
    url = f"{account.base_url}/vouchers/{intent.id}"
    return {
        "type": "pix_display_qr_code",
        "pix_display_qr_code": {
            "data": number,
            "expires_at": expires_at,
            "hosted_instructions_url": url,
            "image_url_png": None,
            "image_url_svg": None,
        },
    }


def _option(intent: Record, type: str, name: str) -> int | None:
    value: int | None = intent.data["payment_method_options"].get(type, {}).get(name)
    return value


def _end_of_day(now: int, *, days: int, offset_hours: int) -> int:
    zone = timezone(timedelta(hours=offset_hours))
    day = datetime.fromtimestamp(now, zone) + timedelta(days=days)
    return int(day.replace(hour=23, minute=59, second=59, microsecond=0).timestamp())
