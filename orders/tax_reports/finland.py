"""The Union-scheme return as the file that Finland's portal takes: pure.

Semicolons, decimal commas, two decimals, one row per line and no heading. Columns A to M: row
number, VAT number, 1 for a sale or 2 for a correction; of a sale the member state of
consumption, 1 for goods, 1 for a standard or 2 for a reduced rate, the rate, base, tax, and
where the goods were sent from another member state than the seller's, the seller's VAT number
there, or the state where it has none; of a correction its period, member state and signed tax.
Never both in one row.
"""

import csv
import io
from collections.abc import Mapping
from decimal import Decimal

from orders.tax_reports.one_stop_shop import CorrectionRow, OneStopReturn, SaleRow
from orders.tax_reports.periods import Period

_SALE, _CORRECTION = "1", "2"
_GOODS = "1"
_STANDARD, _REDUCED = "1", "2"
_GREECE = {"GR": "EL"}  # VAT numbers and returns call Greece EL.


def write_finnish_file(
    found: OneStopReturn, *, vat_number: str, home: str, numbers: Mapping[str, str] | None = None
) -> str:
    """Write the file; `home` is the member state of identification, FI for Finland's portal.

    `numbers` has the seller's VAT number in each member state where it has one.
    """
    places = {**(numbers or {}), home: ""}
    rows = [_sale(row, places=places) for row in found.sales]
    rows += [_correction(row) for row in found.corrections]
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(rows, start=1):
        writer.writerow([number, vat_number, *row])
    return file.getvalue()


def _sale(row: SaleRow, *, places: Mapping[str, str]) -> list[str]:
    sent_from = places.get(row.key.dispatch, _code(row.key.dispatch))
    return [
        _SALE,
        _code(row.key.consumption),
        _GOODS,
        _REDUCED if row.key.is_reduced else _STANDARD,
        _number(row.key.percent),
        _number(row.base),
        _number(row.tax),
        sent_from,
        "",
        "",
        "",
    ]


def _correction(row: CorrectionRow) -> list[str]:
    return [
        _CORRECTION,
        *[""] * 7,
        _quarter(row.period),
        _code(row.consumption),
        _number(row.tax),
    ]


def _quarter(period: Period) -> str:
    return f"{(period.first.month + 2) // 3}/{period.first.year}"


def _number(value: Decimal) -> str:
    return f"{value:.2f}".replace(".", ",")


def _code(country: str) -> str:
    return _GREECE.get(country, country)
