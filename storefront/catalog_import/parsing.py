from pathlib import Path

from storefront.catalog_import.known import Known
from storefront.catalog_import.own_format import is_own, parse_own
from storefront.catalog_import.rows import BadValue, Parsed
from storefront.catalog_import.shopify_format import is_shopify, parse_shopify
from storefront.catalog_import.table import FileRefused, read_table
from storefront.catalog_import.values import read_currency


def parse_catalogue(path: Path, *, known: Known, currency: str | None = None) -> Parsed:
    """Read a catalogue file whose form its header tells; writes nothing.

    `currency` is that of the prices, where the file does not say. Raises FileRefused.
    """
    try:
        money = read_currency(currency) if currency else None
    except BadValue as bad:
        raise FileRefused(f"--currency {bad}.") from None
    table = read_table(path)
    if is_shopify(table.columns):
        if money is None:
            raise FileRefused("A Shopify file names no currency; say it with --currency.")
        return parse_shopify(table, known=known, currency=money)
    if is_own(table.columns):
        return parse_own(table, known=known, currency=money)
    raise FileRefused(
        "The header is neither ours (sku, title, price …) nor Shopify's (Handle, Title,"
        f" Variant Price …): {', '.join(table.columns)[:200]}."
    )
