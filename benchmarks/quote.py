"""What it costs to quote a cart of ten lines: processor time and queries.

    python -m benchmarks.quote [--variants 500]

Brings up servers of its own. The cart is a guest's in Germany with its country known; four
promotions are tried, two of which apply. The last line is a JSON object:

- `quote_cpu_ms`: the median of processor time of this process, reference data warm;
- `quote_cold_cpu_ms`: the same with the reference data read anew each time;
- `quote_queries`: queries of a process that has read nothing yet;
- `quote_warm_queries`: queries when it has the reference data;
- `quote_most_queries`: cold, of a shopper with an account who typed a coupon;
- `page_cpu_ms`, `page_queries`: warm, with what the cart page shows beside amounts.

The page's titles, options, pictures and reductions do not decide about amounts, and whoever asks
for amounts only does not read them.
"""

import argparse
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from benchmarks.own_servers import own_servers

if TYPE_CHECKING:
    from catalog.models import Variant
    from orders.models import Cart

LINES = 10
TIMES = 300
COUPON = "WELCOME5"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=500)
    arguments = parser.parse_args()
    with own_servers():
        from benchmarks.reprice import load_rates, load_shop
        from markets.pricing import derive_prices

        now = datetime.now(UTC)
        load_shop(arguments.variants, now=now - timedelta(days=60))
        load_rates(now.date(), factor=Decimal(1))
        derive_prices(now=now)
        print(json.dumps(measure_quotes(now=now + timedelta(minutes=1))), flush=True)


def measure_quotes(*, now: datetime) -> dict[str, float]:
    """Load stock, promotions and carts into a shop with prices, and measure."""
    from catalog.models import Variant
    from catalog.reference import forget
    from storefront.demo.warehouses import load_warehouses
    from storefront.quoting import CartQuote, quote_cart

    variants = list(Variant.objects.order_by("pk")[:LINES])
    load_warehouses(variants, now=now)
    _load_promotions(now=now - timedelta(days=1))
    guest = _make_cart(variants)
    member = _make_cart(variants, user=_make_member(), coupon=COUPON)

    def quote(cart: "Cart" = guest) -> CartQuote:
        return quote_cart(cart, now=now, country="DE")

    def quote_cold(cart: "Cart" = guest) -> CartQuote:
        forget()
        return quote(cart)

    def show() -> None:
        for line in quote().lines:
            _ = (line.title, line.options, line.reduction)

    _check(quote())
    return {
        "quote_cpu_ms": _cpu_ms(quote),
        "quote_cold_cpu_ms": _cpu_ms(quote_cold),
        "quote_queries": _queries(quote_cold),
        "quote_warm_queries": _queries(quote),
        "quote_most_queries": _queries(lambda: quote_cold(member)),
        "page_cpu_ms": _cpu_ms(show),
        "page_queries": _queries(show),
    }


def _check(quote: Any) -> None:
    """Fail where something that is to be measured was not done."""
    if not (quote.tax and quote.delivery and len(quote.discounts) == 2 and not quote.problems):
        raise SystemExit(f"The quote is not what is to be measured: {quote}")


def _cpu_ms(act: Callable[[], object]) -> float:
    for _ in range(20):
        act()
    spent = []
    for _ in range(TIMES):
        began = time.process_time()
        act()
        spent.append(time.process_time() - began)
    return round(median(spent) * 1000, 2)


def _queries(act: Callable[[], object]) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as captured:
        act()
    return len(captured)


def _make_cart(variants: "list[Variant]", **fields: Any) -> "Cart":
    from markets.models import Market
    from orders.models import Cart, CartLine

    made = Cart.objects.create(market=Market.objects.get(code="de"), **fields)
    CartLine.objects.bulk_create(
        CartLine(cart=made, variant=variant, quantity=2) for variant in variants
    )
    return Cart.objects.select_related("market").get(pk=made.pk)


def _make_member() -> Any:
    from markets.models import CustomerGroup
    from storefront.accounts.models import User

    member = User.objects.create(email="member@example.com")
    member.customer_groups.add(CustomerGroup.objects.create(code="club", name="Club"))
    return member


def _load_promotions(*, now: datetime) -> None:
    from markets.models import Coupon, Promotion, PromotionAmount
    from markets.promotions import publish_promotion

    tenth = Promotion.objects.create(name="A tenth off", action="percent", percent=10)
    free = Promotion.objects.create(name="Free delivery", action="free_delivery")
    third = Promotion.objects.create(
        name="Three for two", action="buy_x_get_y", percent=100, buy_quantity=2, get_quantity=1,
        most_times=1,
    )  # fmt: skip
    amount = Promotion.objects.create(name="Five off", action="amount", needs_coupon=True)
    coupon = Coupon.objects.create(promotion=amount, code=COUPON)
    dear = Promotion.objects.create(name="For large baskets", action="percent", percent=20)
    for promotion, values in (
        (amount, {"amount": 5}),
        (dear, {"threshold": 1_000_000}),
    ):
        for currency in _currencies():
            PromotionAmount.objects.create(promotion=promotion, currency=currency, **values)
    for promotion in (tenth, free, third, coupon.promotion, dear):
        publish_promotion(promotion.pk, now=now)


def _currencies() -> set[str]:
    from markets.models import Market

    return set(Market.objects.values_list("currency", flat=True))


if __name__ == "__main__":
    main()
