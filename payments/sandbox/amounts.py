"""Amounts in minor units: exponents, limits and how a person reads them."""

from __future__ import annotations

from payments.sandbox.errors import invalid


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


ZERO_DECIMAL = _codes("bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf")
THREE_DECIMAL = _codes("bhd jod kwd omr tnd")
# No minor unit in circulation, yet the API counts them in hundredths that must be zero.
WHOLE_UNITS_IN_HUNDREDTHS = _codes("isk ugx")
_TWO_DECIMAL = _codes(
    """aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bmd bnd bob brl bsd bwp byn bzd
    cad cdf chf cny cop crc cve czk dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gtq gyd hkd
    hnl htg huf idr ils inr jmd kes kgs khr kyd kzt lak lbp lkr lrd lsl mad mdl mkd mmk mnt mop
    mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln qar ron rsd rub sar
    sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah usd uyu uzs wst xcd
    yer zar zmw"""
)
CURRENCIES = ZERO_DECIMAL | THREE_DECIMAL | WHOLE_UNITS_IN_HUNDREDTHS | _TWO_DECIMAL

# The least a charge may be, in minor units. Source: docs.stripe.com/currencies.
MINIMUM_CHARGE = {
    "aed": 200,
    "aud": 50,
    "brl": 50,
    "cad": 50,
    "chf": 50,
    "czk": 1500,
    "dkk": 250,
    "eur": 50,
    "gbp": 30,
    "hkd": 400,
    "huf": 17500,
    "jpy": 50,
    "mxn": 1000,
    "myr": 200,
    "nok": 300,
    "nzd": 50,
    "pln": 200,
    "ron": 200,
    "sek": 300,
    "sgd": 50,
    "thb": 1000,
    "usd": 50,
}
MAXIMUM_CHARGE = 99_999_999

_SYMBOLS = {
    "aud": "A$",
    "brl": "R$",
    "cad": "CA$",
    "cny": "CN¥",
    "eur": "€",
    "gbp": "£",
    "hkd": "HK$",
    "inr": "₹",
    "jpy": "¥",
    "krw": "₩",
    "mxn": "MX$",
    "nzd": "NZ$",
    "usd": "$",
}
# At home a currency needs no country before its sign.
_HOME_SYMBOLS = {
    ("ja", "jpy"): "￥",
    ("zh", "cny"): "¥",
    ("es", "mxn"): "$",
    ("es", "usd"): "US$",
    ("pt", "usd"): "US$",
    ("ar", "aed"): "د.إ",
}
_SEPARATORS = {
    "de": (".", ","),
    "es": (".", ","),
    "fr": ("\u202f", ","),
    "pt": (".", ","),
}


def exponent(currency: str) -> int:
    """Return how many decimals the API's minor unit stands for."""
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def check_currency(currency: str, *, param: str) -> str:
    """Return the code in lower case; raises ApiError for one that cannot be charged."""
    code = currency.lower()
    if code not in CURRENCIES:
        raise invalid(f"Invalid currency: {code}. Stripe does not support it.", param=param)
    return code


def check_charge_amount(amount: int, *, currency: str, param: str) -> None:
    """Refuse an amount in minor units that cannot be charged in `currency`."""
    least = MINIMUM_CHARGE.get(currency, 1)
    if amount < least:
        raise invalid(
            f"Amount must be at least {format_amount(least, currency=currency, language='en')} "
            f"{currency}",
            param=param,
            code="amount_too_small",
        )
    if amount > MAXIMUM_CHARGE:
        most = format_amount(MAXIMUM_CHARGE, currency=currency, language="en")
        raise invalid(
            f"Amount must be no more than {most} {currency}", param=param, code="amount_too_large"
        )
    check_granularity(amount, currency=currency, param=param)


def check_granularity(amount: int, *, currency: str, param: str) -> None:
    """Refuse an amount finer than the currency is paid in."""
    step = 100 if currency in WHOLE_UNITS_IN_HUNDREDTHS else 10 if currency in THREE_DECIMAL else 1
    if amount % step:
        raise invalid(
            f"Amounts in {currency} must be a multiple of {step}.",
            param=param,
            code="parameter_invalid_integer",
        )


def format_amount(amount: int, *, currency: str, language: str) -> str:
    """Write an amount in minor units the way readers of `language` expect it."""
    decimals = exponent(currency)
    whole, rest = divmod(amount, 10**decimals)
    group, point = _SEPARATORS.get(language, (",", "."))
    if (language, currency) == ("es", "mxn"):
        group, point = ",", "."
    number = f"{whole:,}".replace(",", group)
    if decimals:
        number += f"{point}{rest:0{decimals}d}"
    symbol = _HOME_SYMBOLS.get((language, currency)) or _SYMBOLS.get(currency, currency.upper())
    if (language, currency) == ("es", "mxn"):
        return f"{symbol}{number}"
    if language in ("de", "fr", "es", "ar"):
        return f"{number}\u00a0{symbol}"
    gap = "\u00a0" if language == "pt" or symbol[-1].isalpha() else ""
    return f"{symbol}{gap}{number}"
