"""What a derived price tells of: the market's way of deriving, kept as it was."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError

from markets.derivation import fit_price, target_of
from markets.market_endings import build_ending
from markets.models import Market, Price, PricingRule


def rule_of(market: Market) -> PricingRule:
    """Give the rule with a market's present margin, adjustment and endings; write it if new."""
    return PricingRule.objects.get_or_create(
        market_id=market.pk,
        fx_margin=market.fx_margin,
        price_adjustment=market.price_adjustment,
        ending_step=market.ending_step,
        endings=market.endings,
        ending_grid=market.ending_grid,
        avoid_digits=market.avoid_digits,
    )[0]


@dataclass(frozen=True)
class Origin:
    """How a derived price came about, in numbers that give it again.

    `target` is base * conversion * (1 + margin + buffer) * (1 + adjustment), `result` what the
    ending and the floor made of it, both in the market's currency; the buffer is for an old rate.
    `result` differs from the price where a brake held it back.
    """

    base_price_id: int
    base_amount: Decimal
    base_currency: str
    conversion: Decimal
    rate_id: int | None
    rate_day: date | None
    rate_provider: str
    rule_id: int
    margin: Decimal
    buffer: Decimal
    adjustment: Decimal
    target: Decimal
    endings: str
    ending_step: Decimal
    ending_grid: Decimal | None
    avoid_digits: str
    floor: Decimal | None
    result: Decimal


def trace_origin(price: Price) -> Origin | None:
    """Say how a derived price came about; None where it was set by hand or its rule is not kept.

    Reads the row's base price, rate and rule, which `quote_price` with `around` brings along.
    """
    base, rule, rate, conversion = price.base_price, price.rule, price.rate, price.conversion
    if price.kind != Price.Kind.DERIVED or base is None or rule is None or conversion is None:
        return None
    amount, currency = Decimal(base.amount.amount), str(price.amount.currency)
    try:
        ending = build_ending(
            rule.endings,
            step=rule.ending_step,
            grid=rule.ending_grid,
            avoid_digits=rule.avoid_digits,
            currency=currency,
        )
    except ValidationError:
        return None
    target = target_of(
        amount,
        rate=conversion,
        margin=rule.fx_margin + price.buffer,
        adjustment=rule.price_adjustment,
    )
    return Origin(
        base_price_id=base.pk,
        base_amount=amount,
        base_currency=str(base.amount.currency),
        conversion=conversion,
        rate_id=rate.pk if rate else None,
        rate_day=rate.as_of if rate else None,
        rate_provider=rate.provider if rate else "",
        rule_id=rule.pk,
        margin=rule.fx_margin,
        buffer=price.buffer,
        adjustment=rule.price_adjustment,
        target=target,
        endings=rule.endings,
        ending_step=rule.ending_step,
        ending_grid=rule.ending_grid,
        avoid_digits=rule.avoid_digits,
        floor=price.floor,
        result=fit_price(target, ending=ending, currency=currency, floor=price.floor),
    )
