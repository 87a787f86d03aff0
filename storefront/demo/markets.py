"""The demo's markets, with what they cost to deliver to and how they pay."""

from decimal import Decimal
from typing import Any

from djmoney.money import Money

from fulfillment.models import DeliveryOption
from markets.models import Market, MarketCountry, MarketLanguage
from payments.models import MethodOffer, PaymentMethod
from storefront.demo.texts import read_data, read_texts, translated, upsert

_NUMBERS = {
    "ending_step": "1",
    "fx_margin": "0",
    "price_adjustment": "0",
}


def load_markets() -> None:
    names = read_texts("markets")
    methods = {row["code"]: _load_method(row) for row in read_data("methods")["methods"]}
    data = read_data("markets")
    brakes = read_brakes(data)
    for position, row in enumerate(data["markets"]):
        market = upsert(
            Market,
            by={"code": row["code"]},
            to={
                **translated("name", names["markets"][row["code"]]),
                **{
                    key: row[key]
                    for key in ("currency", "time_zone", "prices_include_tax", "return_days")
                },
                **{key: Decimal(row.get(key, default)) for key, default in _NUMBERS.items()},
                "endings": row["endings"],
                "ending_grid": Decimal(row["ending_grid"]) if "ending_grid" in row else None,
                "avoid_digits": row.get("avoid_digits", ""),
                "lowest_price_days": row.get("lowest_price_days", 0),
                "position": position,
                **brakes,
            },
        )
        for place, (language, locale) in enumerate(row["languages"]):
            upsert(
                MarketLanguage,
                by={"market": market, "language": language},
                to={"locale": locale, "position": place},
            )
        for place, country in enumerate(row["countries"]):
            upsert(MarketCountry, by={"country": country}, to={"market": market, "position": place})
        for place, code in enumerate(("standard", "express")):
            _load_delivery(market, code, row[code], position=place)
        for place, offer in enumerate(row["methods"]):
            offer = {"code": offer} if isinstance(offer, str) else offer
            _load_offer(market, methods[offer["code"]], offer, position=place)


def read_brakes(data: dict[str, Any]) -> dict[str, Decimal | int]:
    """Give the brakes that all markets of the demo share, by field."""
    return {
        key: Decimal(value) if isinstance(value, str) else value
        for key, value in data["brakes"].items()
    }


def _load_delivery(market: Market, code: str, row: dict[str, str], *, position: int) -> None:
    texts = read_texts("markets")["delivery_options"][code]
    upsert(
        DeliveryOption,
        by={"market": market, "code": code},
        to={
            **translated("name", texts, "name"),
            **translated("description", texts, "description"),
            "price": Money(row["price"], market.currency),
            "free_from": Decimal(row["free_from"]) if "free_from" in row else None,
            "refunded_up_to": Decimal(row["refunded_up_to"]) if "refunded_up_to" in row else None,
            "position": position,
        },
    )


def _load_method(row: dict[str, Any]) -> PaymentMethod:
    texts = read_texts("markets")["payment_methods"][row["code"]]
    return upsert(
        PaymentMethod,
        by={"code": row["code"]},
        to={
            **translated("name", texts, "name"),
            **translated("hint", texts, "hint"),
            "gateway": row["gateway"],
            "gateway_type": row["code"] if row["gateway"] == "stripe" else "",
            "captures_later": row.get("captures_later", False),
            "settles_later": row.get("settles_later", False),
            "refundable": row.get("refundable", True),
            "pay_within_hours": row.get("pay_within_hours"),
        },
    )


def _load_offer(
    market: Market, method: PaymentMethod, offer: dict[str, Any], *, position: int
) -> None:
    upsert(
        MethodOffer,
        by={"market": market, "method": method},
        to={
            "countries": offer.get("countries", []),
            "min_amount": Decimal(offer["min"]) if "min" in offer else None,
            "max_amount": Decimal(offer["max"]) if "max" in offer else None,
            "payee": offer.get("payee", ""),
            "position": position,
        },
    )
