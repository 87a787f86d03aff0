"""How fast all prices follow a move of the rates, against a plain UPDATE of as many rows.

    python -m benchmarks.reprice [--variants 100000]

Brings up servers of its own in a temporary folder. The last line is a JSON object: `ratio` is the
time of the repricing over that of the UPDATE, `quote_cpu_ms` the processor time of quoting a cart
of ten lines with warm reference data, `quote_queries` its queries in a process that has read
nothing yet; the other numbers of quotes are told in benchmarks/quote.py.
"""

import argparse
import json
import resource
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from benchmarks.own_servers import own_servers
from benchmarks.quote import measure_quotes

# Of the euro; goods are priced in crowns, so that all twelve markets follow a rate.
RATES = {
    "USD": "1.1252", "GBP": "0.8479", "CHF": "0.9364", "JPY": "163.36", "CNY": "8.1465",
    "BRL": "6.3842", "MXN": "21.9325", "AUD": "1.7551", "SEK": "11.42",
}  # fmt: skip
MOVE = Decimal("1.06")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=int, default=100_000)
    arguments = parser.parse_args()
    with own_servers():
        print(json.dumps(_measure(arguments.variants)), flush=True)


def _measure(variants: int) -> dict[str, Any]:
    from markets.models import Price
    from markets.pricing import derive_prices

    now = datetime.now(UTC)
    load_shop(variants, now=now - timedelta(days=60))
    load_rates(now.date() - timedelta(days=40), factor=Decimal(1))
    began = time.perf_counter()
    rows = derive_prices(now=now - timedelta(days=40))
    _say(f"{rows} first prices", since=began)
    plain_seconds = _plain_update()
    load_rates(now.date(), factor=MOVE)
    _settle()
    began = time.perf_counter()
    changed = derive_prices(now=now + timedelta(seconds=1))
    seconds = time.perf_counter() - began
    _say(f"{changed} prices changed", since=began)
    if Price.objects.filter(valid_to=None).count() != rows:
        raise SystemExit("A price was lost.")
    _say("counted", since=began)
    began = time.perf_counter()
    derive_prices(now=now + timedelta(seconds=2))
    quiet_seconds = time.perf_counter() - began
    # Prices whose ending stays the same are in neither of the two.
    plain_seconds *= changed / rows
    return {
        "ratio": round(seconds / plain_seconds, 2),
        "rows": changed,
        "seconds": round(seconds, 1),
        "plain_update_seconds": round(plain_seconds, 1),
        "nothing_to_do_seconds": round(quiet_seconds, 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
        **measure_quotes(now=now + timedelta(minutes=1)),
    }


def load_shop(variants: int, *, now: datetime) -> None:
    """Make the demo's twelve markets, and goods whose prices are in none of their currencies."""
    from catalog.models import Product, Variant
    from markets.loading import load_tax_rates
    from storefront.demo.markets import load_markets

    load_tax_rates()
    load_markets()
    product = Product.objects.create(key="p-0", title="Product", slug="p-0", status="active")
    variant = Variant.objects.create(
        product=product, sku="v-0", weight_grams=300, tax_category_id="standard"
    )
    products = max(variants // 5, 1)
    _copy(product, products, key="'p-' || n", slug_en="'p-' || n", slug="'p-' || n")
    _copy(
        variant,
        variants - 1,
        sku="'v-' || n",
        product_id=f"{product.pk} + n % {products}",
    )
    with _cursor() as cursor:
        # 240 to 4,640 crowns, about 20 to 400 euros: 4,400 price points.
        cursor.execute(
            "INSERT INTO markets_baseprice"
            " (variant_id, amount, amount_currency, cost, valid_from, changed_at)"
            " SELECT id, 240 + id * 7919 %% 4400, 'SEK', 120 + id * 7919 %% 4400 / 2, %s, %s"
            " FROM catalog_variant",
            [now, now],
        )
    _settle()


def load_rates(day: date, *, factor: Decimal) -> None:
    """Store a day's rates; the crown is `factor` times as dear as on the first."""
    from markets.models import ExchangeRate

    ExchangeRate.objects.bulk_create(
        ExchangeRate(
            provider="ecb",
            base="EUR",
            quote=quote,
            rate=Decimal(rate) / (factor if quote == "SEK" else 1),
            given=rate,
            as_of=day,
            fetched_at=datetime(day.year, day.month, day.day, tzinfo=UTC),
        )
        for quote, rate in RATES.items()
    )
    ExchangeRate.objects.get_or_create(
        provider="peg", base="USD", quote="AED",
        defaults={
            "rate": Decimal("3.6725"), "as_of": date(1997, 11, 1),
            "fetched_at": datetime(1997, 11, 1, tzinfo=UTC),
        },
    )  # fmt: skip


def _copy(row: Any, count: int, **fields: str) -> None:
    """Copy a row in the database, with SQL expressions of `n` for some of its fields."""
    columns = [field.column for field in row._meta.concrete_fields if not field.primary_key]
    values = ", ".join(fields.get(column, f'"{column}"') for column in columns)
    with _cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({', '.join(columns)})"  # noqa: S608
            f" SELECT {values} FROM {row._meta.db_table}, generate_series(1, {count}) AS n"
            f" WHERE id = {row.pk}"
        )


def _plain_update() -> float:
    """Change the amount of every price in one statement, as the simplest shop would."""
    _settle()
    began = time.perf_counter()
    with _cursor() as cursor:
        cursor.execute("UPDATE markets_price SET amount = amount + 1 WHERE valid_to IS NULL")
        _say(f"plain UPDATE of {cursor.rowcount} prices", since=began)
    seconds = time.perf_counter() - began
    with _cursor() as cursor:
        cursor.execute("UPDATE markets_price SET amount = amount - 1 WHERE valid_to IS NULL")
    return seconds


def _settle() -> None:
    """Leave nothing of what was before to be paid for by what comes next."""
    with _cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _cursor() -> Any:
    from django.db import connection

    return connection.cursor()


def _say(text: str, *, since: float) -> None:
    print(f"{time.perf_counter() - since:7.1f} s  {text}", flush=True)


if __name__ == "__main__":
    main()
