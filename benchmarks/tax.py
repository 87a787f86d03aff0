"""What it costs to tax a basket of ten lines with landed cost: processor time and queries.

    python -m benchmarks.tax

Brings up servers of its own, with the rows that markets start with. The shop is a Dutch company;
goods are shown with tax. The last line is a JSON object:

- `basket_cpu_ms`: the median of processor time of this process, reference data warm, of a basket
  that pays duty and tax at the British border;
- `ioss_cpu_ms`, `domestic_cpu_ms`: of one that comes to France by the Import One-Stop Shop with
  duty per heading, and of one that stays in the Netherlands;
- `queries_cold`, `queries_warm`: of the first, in a process that has read nothing yet, and when
  it has the reference data.
"""

import json
import time
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.own_servers import own_servers

if TYPE_CHECKING:
    from markets.tax import TaxBasket

LINES = 10
TIMES = 300
DAY = date(2026, 11, 24)


def main() -> None:
    with own_servers():
        print(json.dumps(measure_tax()), flush=True)


def measure_tax() -> dict[str, float]:
    """Load the law and a shop, and measure three baskets of ten lines."""
    from catalog.reference import forget
    from markets.tax.providers import get_provider

    load_law()
    dear, cheap = _basket("GB", "NL", "30.00"), _basket("FR", "GB", "9.50")
    home = _basket("NL", "NL", "30.00")
    _check(dear, cheap)

    def quote_cold() -> object:
        forget()
        return get_provider().quote(dear)

    return {
        "basket_cpu_ms": _cpu_ms(lambda: get_provider().quote(dear)),
        "ioss_cpu_ms": _cpu_ms(lambda: get_provider().quote(cheap)),
        "domestic_cpu_ms": _cpu_ms(lambda: get_provider().quote(home)),
        "queries_cold": _queries(quote_cold),
        "queries_warm": _queries(lambda: get_provider().quote(dear)),
    }


def load_law() -> None:
    """Load markets, the law that comes along, and who sells."""
    from markets.landed_cost.loading import load_duties
    from markets.loading import load_day, load_tax_rates
    from markets.models import DutyRate
    from storefront.demo.markets import load_markets
    from storefront.demo.taxes import load_taxes

    load_tax_rates()
    load_day()
    load_markets()
    load_taxes()
    load_duties()
    # No tariff comes along for Great Britain: two rates as a merchant would enter them.
    for prefix, percent in (("", "4"), ("6109", "12")):
        DutyRate.objects.create(
            destination="GB", hs_prefix=prefix, label="UK duty", kind="ad_valorem",
            percent=Decimal(percent), stack_group="tariff", valid_from=date(2026, 1, 1),
        )  # fmt: skip


def _basket(to: str, ship_from: str, amount: str) -> "TaxBasket":
    from markets.models import Market
    from markets.tax import Goods, Parcel, Place, TaxBasket

    market = Market.objects.get(countries__country=to)
    goods = tuple(
        Goods(
            key=str(number), amount=Decimal(amount), quantity=2,
            category="books" if number % 5 == 0 else "standard",
            hs_code=("691200", "610910", "640399", "490199", "420221")[number % 5],
            origin="CN", weight_grams=600,
        )
        for number in range(LINES)
    )  # fmt: skip
    return TaxBasket(
        ship_to=Place(to), parcels=(Parcel(Place(ship_from), goods),), shipping=Decimal("4.90"),
        currency=market.currency, prices_include_tax=True, tax_mode="gross_fixed",
        home=Place(to), rounding="line", on=DAY, market_id=market.pk,
    )  # fmt: skip


def _check(dear: "TaxBasket", cheap: "TaxBasket") -> None:
    """Fail where something that is to be measured was not done."""
    from markets.tax import Regime
    from markets.tax.providers import get_provider

    for basket, regime in ((dear, Regime.IMPORT_DDP), (cheap, Regime.IOSS)):
        answer = get_provider().quote(basket)
        duties = [part for part in answer.components if part.kind == "duty"]
        if answer.parcels[0].regime is not regime or not duties or not answer.tax:
            raise SystemExit(f"The basket is not what is to be measured: {answer}")


def _cpu_ms(act: Callable[[], Any]) -> float:
    for _ in range(20):
        act()
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return round(median(spent) * 1000, 2)


def _queries(act: Callable[[], Any]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


if __name__ == "__main__":
    main()
