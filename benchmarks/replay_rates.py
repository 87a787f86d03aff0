"""What the brakes do: six years of the ECB's rates, for a catalogue in the demo's twelve markets.

    python -m benchmarks.replay_rates HISTORY [--sample N] [--picture FILE]

HISTORY is the ECB's file of all reference rates (eurofxref-hist.csv, also gzipped). Each day's
rates go through `markets.price_brakes.decide`, once as the markets are and once without brakes.
Prints a table and draws a picture. Products of one price share their fate and are reckoned once.
"""

import argparse
import csv
import gzip
import os
import random
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "tests/data/catalogue_gb.csv"
MARKETS = ROOT / "storefront/demo/data/markets.toml"
FIRST, LAST = date(2020, 1, 1), date(2025, 12, 31)
BASE = "GBP"
DIRHAMS_PER_DOLLAR = Decimal("3.6725")
# What the catalogue does not tell: goods cost so much of their price, and must bring so much more.
COST = Decimal("0.60")
MINIMUM_MARGIN = Decimal("0.25")
SHOWN = ("br", Decimal("12.75"))  # The market and base price of the picture.
_PLACES = Decimal("1E-8")

Days = Sequence[tuple[date, Mapping[str, Decimal]]]
Way = tuple[date, datetime, Decimal, Decimal]
_ways: dict[tuple[str, int], list[Way]] = {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("history", type=Path)
    parser.add_argument("--sample", type=int, help="products of the catalogue; else all")
    parser.add_argument("--picture", type=Path, default=ROOT / "docs/images/replay.svg")
    arguments = parser.parse_args()
    # Models tell the brakes' defaults; nothing connects.
    os.environ |= {
        "DJANGO_SETTINGS_MODULE": "storefront.settings",
        "DATABASE_URL": "postgresql://nobody@127.0.0.1/none",
        "REDIS_URL": "redis://127.0.0.1",
    }
    import django

    django.setup()
    days = list(read_history(arguments.history))
    products = read_catalogue(arguments.sample)
    years = Decimal((LAST - FIRST).days + 1) / Decimal("365.25")
    print(
        f"{products.total():,} products of {len(products)} prices, {len(days):,} days of rates,"
        f" {FIRST} to {LAST}"
    )
    print("market     changes a product and year    distance from target     waited  forced")
    print("             without          with        without        with")
    rows = []
    shown: dict[str, Sequence[tuple[date, Decimal]]] = {}
    for market in read_markets():
        loose = replay(market.without_brakes(), products, days)
        braked = replay(market, products, days)
        rows.append(
            (market.code, loose.per_year(products, years), braked.per_year(products, years))
        )
        print(
            f"{market.code:6}{rows[-1][1]:>14.2f}{rows[-1][2]:>14.2f}"
            f"{loose.mean_distance:>14.2%}{braked.mean_distance:>12.2%}"
            f"{braked.waited:>11,}{braked.forced:>8,}",
            flush=True,
        )
        if market.code == SHOWN[0]:
            shown = {
                "target": [(day, SHOWN[1] * market.factor(rates)) for day, rates in days],
                "loose": follow(market.without_brakes(), SHOWN[1], days),
                "braked": follow(market, SHOWN[1], days),
            }
    arguments.picture.parent.mkdir(parents=True, exist_ok=True)
    from benchmarks.replay_picture import draw

    title = f"Goods of £{SHOWN[1]} in the market {SHOWN[0]}"
    arguments.picture.write_text(draw(rows, shown, title=title))


@dataclass(frozen=True)
class ReplayMarket:
    code: str
    currency: str
    fx_margin: Decimal
    price_adjustment: Decimal
    policy: Any

    def conversion(self, rates: Mapping[str, Decimal]) -> Decimal:
        return (rates[self.currency] / rates[BASE]).quantize(_PLACES)

    def factor(self, rates: Mapping[str, Decimal]) -> Decimal:
        return self.conversion(rates) * (1 + self.fx_margin) * (1 + self.price_adjustment)

    def without_brakes(self) -> "ReplayMarket":
        loose = replace(
            self.policy,
            hold_up=Decimal(0),
            hold_down=Decimal(0),
            dwell=timedelta(0),
            step_limit=None,
            approval_limit=None,
        )
        return replace(self, policy=loose)


@dataclass
class Outcome:
    """Sums over products and days; `changes` is by base price."""

    changes: Counter[Decimal] = field(default_factory=Counter)
    distance: Decimal = Decimal(0)
    days: int = 0
    waited: int = 0
    forced: int = 0

    @property
    def mean_distance(self) -> Decimal:
        return self.distance / self.days

    def per_year(self, products: Counter[Decimal], years: Decimal) -> Decimal:
        changes = sum(self.changes[price] * number for price, number in products.items())
        return Decimal(changes) / products.total() / years


def replay(
    market: ReplayMarket,
    products: Counter[Decimal],
    days: Days,
) -> Outcome:
    """Take every product through all days; stop where a price is below its floor."""
    outcome = Outcome()
    for base, number in products.items():
        for step in _steps(market, base, days):
            if step.amount < step.floor:
                raise SystemExit(
                    f"{market.code} {base} on {step.day}: {step.amount} < {step.floor}"
                )
            outcome.changes[base] += step.changed
            outcome.waited += number * (step.reason in ("coarse", "large"))
            outcome.forced += number * (step.reason == "floor")
            outcome.distance += number * abs(step.amount / step.target - 1)
            outcome.days += number
    return outcome


def follow(market: ReplayMarket, base: Decimal, days: Days) -> list[tuple[date, Decimal]]:
    return [(step.day, step.amount) for step in _steps(market, base, days)]


@dataclass(frozen=True)
class Step:
    day: date
    target: Decimal
    floor: Decimal
    amount: Decimal
    changed: bool
    reason: str


def _steps(market: ReplayMarket, base: Decimal, days: Days) -> Iterator[Step]:
    from markets.derivation import floor_of
    from markets.price_brakes import Action, CurrentPrice, PriceTarget, decide

    current: CurrentPrice | None = None
    for day, rates in days:
        now = datetime.combine(day, time(16), UTC)
        target = base * market.factor(rates)
        floor = floor_of(base * COST, rate=market.conversion(rates), minimum_margin=MINIMUM_MARGIN)
        decision = decide(current, PriceTarget(target, floor), market.policy, now)
        changed = False
        # Whoever has to approve does so on the same day.
        if decision.action in (Action.CHANGE, Action.PROPOSE) and decision.amount is not None:
            changed = current is not None
            current = CurrentPrice(decision.amount, decision.target or decision.amount, now)
        if current is None:
            raise SystemExit(f"{market.code} has no price on {day}")
        yield Step(day, target, floor, current.amount, changed, decision.reason if changed else "")


def _known_ways(market: ReplayMarket, days: Days) -> list[Way]:
    key = (market.code, len(days))
    if key not in _ways:
        _ways[key] = [
            (
                day,
                datetime.combine(day, time(16), UTC),
                market.conversion(rates),
                market.factor(rates),
            )
            for day, rates in days
        ]
    return _ways[key]


def read_history(path: Path) -> Iterator[tuple[date, Mapping[str, Decimal]]]:
    given = path.read_bytes()
    text = (gzip.decompress(given) if path.suffix == ".gz" else given).decode()
    rows = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["Date"])
    for row in rows:
        day = date.fromisoformat(row.pop("Date"))
        if FIRST <= day <= LAST:
            rates = {code: Decimal(rate) for code, rate in row.items() if _is_number(rate)}
            yield day, {**rates, "EUR": Decimal(1), "AED": rates["USD"] * DIRHAMS_PER_DOLLAR}


def read_catalogue(sample: int | None) -> Counter[Decimal]:
    with CATALOGUE.open() as file:
        prices = [Decimal(row["price_gbp"]) for row in csv.DictReader(file)]
    if sample is not None and sample < len(prices):
        prices = random.Random(2020).sample(prices, sample)  # noqa: S311
    return Counter(price for price in prices if price > 0)


def read_markets() -> Iterator[ReplayMarket]:
    from markets.models import Market
    from markets.pricing.policies import policy_of
    from storefront.demo.markets import read_brakes

    data = tomllib.loads(MARKETS.read_text())
    numbers = ("fx_margin", "price_adjustment", "ending_step", "ending_grid")
    for row in data["markets"]:
        given = {key: Decimal(row[key]) for key in numbers if key in row}
        market = Market(
            code=row["code"],
            currency=row["currency"],
            endings=row["endings"],
            avoid_digits=row.get("avoid_digits", ""),
            **given,
            **read_brakes(data),
        )
        yield ReplayMarket(
            market.code,
            market.currency,
            market.fx_margin,
            market.price_adjustment,
            policy_of(market).brakes,
        )


def _is_number(text: str | None) -> bool:
    return bool(text) and str(text)[0].isdigit()


if __name__ == "__main__":
    main()
