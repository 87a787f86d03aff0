"""What a market's fields and the rates of a moment mean for the derivation of its prices."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from markets.derivation import NoRate
from markets.exchange import RateTable, Tier, latest_rates
from markets.models import BasePrice, Market
from markets.money import smallest_unit
from markets.price_brakes import PricePolicy, RateStanding
from markets.ranges import in_force


@dataclass(frozen=True)
class MarketPolicy:
    """A market's endings, brakes and factors, as Python and as parameters of SQL."""

    brakes: PricePolicy
    fx_margin: Decimal
    price_adjustment: Decimal
    minimum_margin: Decimal | None

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {
            **brake_parameters(self.brakes),
            "fx_margin": self.fx_margin,
            "price_adjustment": self.price_adjustment,
            "minimum_margin": self.minimum_margin,
        }


@dataclass(frozen=True)
class Way:
    """How prices of a currency reach the market's."""

    currency: str
    conversion: Decimal
    rate_id: int | None
    buffer: Decimal
    standing: RateStanding


@dataclass(frozen=True)
class Ways:
    """The ways to a market's currency, and the currencies from which there is none."""

    ways: tuple[Way, ...]
    missing: tuple[str, ...]

    @property
    def blocked(self) -> list[str]:
        return [way.currency for way in self.ways if way.standing == RateStanding.BLOCKED]

    @property
    def frozen(self) -> list[str]:
        return [way.currency for way in self.ways if way.standing == RateStanding.FROZEN]

    @property
    def parameters(self) -> Mapping[str, Any]:
        return {
            "currencies": [way.currency for way in self.ways],
            "conversions": [way.conversion for way in self.ways],
            "rates": [way.rate_id for way in self.ways],
            "buffers": [way.buffer for way in self.ways],
            "standings": [way.standing.value for way in self.ways],
        }


def policy_of(market: Market) -> MarketPolicy:
    """Give a market's policy; raise ValidationError where its endings make no prices."""
    return MarketPolicy(
        brakes=PricePolicy(
            currency=market.currency,
            ending=market.price_ending,
            hold_up=market.hold_up,
            hold_down=market.hold_down,
            dwell=timedelta(days=market.dwell_days),
            step_limit=market.step_limit,
            approval_limit=market.approval_limit,
            freeze_until=market.freeze_until,
        ),
        fx_margin=market.fx_margin,
        price_adjustment=market.price_adjustment,
        minimum_margin=market.minimum_margin,
    )


def brake_parameters(policy: PricePolicy) -> Mapping[str, Any]:
    """Give the arguments that `markets_decide_price` takes of a policy."""
    ending = policy.ending
    return {
        "unit": smallest_unit(policy.currency),
        "step": ending.step if ending else None,
        "endings": list(ending.endings) if ending else None,
        "grid": ending.grid if ending else None,
        "avoid": ending.avoid_digits if ending else "",
        "hold_up": policy.hold_up,
        "hold_down": policy.hold_down,
        "dwell": policy.dwell,
        "step_limit": policy.step_limit,
        "approval_limit": policy.approval_limit,
        "freeze_until": policy.freeze_until,
    }


def base_currencies(*, now: datetime, variant_ids: Collection[int] | None = None) -> list[str]:
    """Give the currencies that base prices in force are in."""
    rows = BasePrice.objects.filter(in_force(now)).order_by()
    if variant_ids is not None:
        rows = rows.filter(variant_id__in=variant_ids)
    return sorted(rows.values_list("amount_currency", flat=True).distinct())


def ways_to(currency: str, *, sources: Iterable[str], now: datetime) -> Ways:
    """Give the ways from some currencies to a market's by the rates of a moment."""
    rates = latest_rates(now=now)
    ways: list[Way] = []
    missing: list[str] = []
    for source in sources:
        try:
            ways.append(_way(rates, source, currency))
        except NoRate as error:
            missing.append(error.currency)
    return Ways(tuple(ways), tuple(sorted(set(missing))))


def _way(rates: RateTable, source: str, target: str) -> Way:
    conversion, rate = rates.conversion(source, target)
    tier = rates.tier(source, target)
    return Way(
        currency=source,
        conversion=conversion,
        rate_id=rate.pk if rate else None,
        buffer=tier.buffer,
        standing=_STANDINGS[tier],
    )


_STANDINGS = {
    Tier.NORMAL: RateStanding.USABLE,
    Tier.WARN: RateStanding.USABLE,
    Tier.FREEZE: RateStanding.FROZEN,
    Tier.BLOCKED: RateStanding.BLOCKED,
}
