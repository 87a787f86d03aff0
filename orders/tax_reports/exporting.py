"""Reports as CSV, for a spreadsheet or another program: English headings, points, no grouping."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from orders.tax_reports.nexus import Watched
from orders.tax_reports.one_stop_shop import CorrectionRow, OneStopReturn
from orders.tax_reports.places import PlaceSummary
from orders.tax_reports.reports import Report
from orders.tax_reports.sales_list import SalesList

# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

_RETURN = (
    "type", "period", "member_state_of_consumption", "member_state_of_dispatch", "supply",
    "rate_type", "rate_percent", "taxable_base", "vat", "currency", "orders",
)  # fmt: skip
_PLACES = (
    "country", "region", "regime", "tax", "rate_percent", "sales_net", "taxable_net", "exempt_net",
    "sales_tax", "refunds_net", "refunds_tax", "net", "tax_total", "currency", "orders",
)  # fmt: skip
_BUYERS = (
    "ec_sales_list", "country", "buyer_tax_id", "buyer", "net", "of_which_credited", "currency",
    "orders",
)  # fmt: skip
_THRESHOLDS = (
    "scheme", "country", "region", "counted_from", "counted_to", "sold", "threshold", "currency",
    "orders", "orders_threshold", "rule", "percent", "registered", "source",
)  # fmt: skip


def write_csv(report: Report) -> str:
    """Write the rows of a report, each with the currency of its amounts."""
    match report.summed:
        case OneStopReturn():
            return _write(_RETURN, _return_rows(report.summed))
        case SalesList():
            return _write(_BUYERS, _buyer_rows(report.summed))
        case PlaceSummary():
            return _write(_PLACES, _place_rows(report.summed))


def write_watched_csv(watched: Iterable[Watched]) -> str:
    """Write how sales stand against each threshold."""
    return _write(_THRESHOLDS, (_watched_row(row) for row in watched))


def _return_rows(found: OneStopReturn) -> Iterable[Sequence[object]]:
    for sale in found.sales:
        key = sale.key
        yield (
            "sale", found.period, key.consumption, key.dispatch, "goods",
            "reduced" if key.is_reduced else "standard", _plain(key.percent), sale.base, sale.tax,
            found.currency, sale.orders,
        )  # fmt: skip
    for row in found.corrections:
        yield _correction("correction", row, found.currency)
    for row in found.out_of_time:
        yield _correction("out_of_time", row, found.currency)


def _correction(kind: str, row: CorrectionRow, currency: str) -> Sequence[object]:
    return (
        kind, row.period, row.consumption, "", "", "", "", "", row.tax, currency, row.orders,
    )  # fmt: skip


def _buyer_rows(found: SalesList) -> Iterable[Sequence[object]]:
    for row in found.rows:
        yield (
            "yes" if row.is_listed else "no", row.country, _text(row.tax_id), _text(row.buyer),
            row.net, row.credited, found.currency, row.orders,
        )  # fmt: skip


def _place_rows(found: PlaceSummary) -> Iterable[Sequence[object]]:
    for row in found.rows:
        key = row.key
        yield (
            key.country, key.region, key.regime, _text(key.tax_name),
            _plain(key.percent) if key.tax_name else "", row.sales.net, row.taxable, row.exempt,
            row.sales.tax, row.refunds.net, row.refunds.tax, row.net, row.tax,
            row.sales.currency, row.orders,
        )  # fmt: skip


def _watched_row(watched: Watched) -> Sequence[object]:
    row, standing = watched.threshold, watched.standing
    span = standing.span if standing else None
    return (
        row.scheme, row.country, row.region, span.first if span else "", span.last if span else "",
        standing.amount if standing else "", _plain(row.amount), row.currency,
        standing.orders if standing else "", row.transactions or "", row.rule,
        standing.percent if standing else "", "yes" if watched.registration else "no",
        _text(row.source),
    )  # fmt: skip


def _write(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return file.getvalue()


def _plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def _text(text: str) -> str:
    """Keep a spreadsheet from reading what a buyer typed as a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
