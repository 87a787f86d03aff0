"""Reports as tables of words: one shape for all, so that one template shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import quote

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from markets.tax import ComponentKind
from orders.tax_reports.documents import row_id
from orders.tax_reports.one_stop_shop import CorrectionRow, OneStopReturn, SaleRow
from orders.tax_reports.places import PlaceRow, PlaceSummary
from orders.tax_reports.reports import Summed, row_of_key
from orders.tax_reports.sales_list import BuyerRow, SalesList
from storefront.regime_words import regime_words
from storefront.wording import amount_text, country_text

TITLES: dict[str, Promise] = {
    "oss": gettext_lazy("EU One-Stop Shop (Union scheme)"),
    "ioss": gettext_lazy("EU Import One-Stop Shop"),
    "reverse-charge": gettext_lazy("Reverse charge and EC sales list"),
    "us": gettext_lazy("United States, per state"),
    "ca": gettext_lazy("Canada, per province"),
    "countries": gettext_lazy("Other countries, per rate"),
    "duties": gettext_lazy("Duties and fees without tax"),
}
_KINDS: dict[str, Promise] = {
    ComponentKind.DUTY: gettext_lazy("import duty"),
    ComponentKind.FEE: gettext_lazy("fees"),
}


@dataclass(frozen=True)
class Row:
    """Cells of a row and the address's part that names it; words first, then `numbers`."""

    words: Sequence[str]
    numbers: Sequence[str]
    row: str = ""


@dataclass(frozen=True)
class Table:
    title: str
    words: Sequence[str]
    numbers: Sequence[str]
    rows: Sequence[Row]
    totals: Sequence[Row] = ()
    note: str = ""
    name: str = "rows"


def tables_of(name: str, summed: Summed) -> list[Table]:
    """Give the tables of a report's page, the empty first one too."""
    match summed:
        case OneStopReturn():
            return _return(summed)
        case SalesList():
            return _sales_list(summed)
        case PlaceSummary():
            return [_places(name, summed)]


def _return(found: OneStopReturn) -> list[Table]:
    sales = Table(
        title=_("Sales of the period"),
        words=(_("consumed in"), _("sent from"), pgettext("tax", "rate"), "%"),
        numbers=(_("taxable amount"), _("tax"), _("orders")),
        rows=[_sale(row, found.currency) for row in found.sales],
        totals=[
            _total(
                (
                    amount_text(found.base, found.currency),
                    amount_text(found.tax, found.currency),
                    "",
                ),
                words=4,
            )
        ],
        name="sales",
    )
    others = [
        _corrections(_("Corrections of earlier periods"), found.corrections, found.currency),
        _corrections(
            _("Corrections that are too late for a return"),
            found.out_of_time,
            found.currency,
            note=_("Agree them with the member state itself."),
            name="out-of-time",
        ),
        _balances(found),
    ]
    return [sales, *(table for table in others if table.rows)]


def _sale(row: SaleRow, code: str) -> Row:
    key = row.key
    percent, rate = plain(key.percent), _("reduced") if key.is_reduced else _("standard")
    kind = "reduced" if key.is_reduced else "standard"
    return Row(
        (_place(key.consumption), _place(key.dispatch), rate, percent),
        (amount_text(row.base, code), amount_text(row.tax, code), str(row.orders)),
        _row((key.consumption, key.dispatch, kind, percent)),
    )


def _balances(found: OneStopReturn) -> Table:
    code = found.currency
    return Table(
        title=_("Due per member state"),
        words=(_("member state"),),
        numbers=(_("tax on sales"), _("corrections"), _("balance")),
        rows=[
            Row(
                (_place(one.consumption),),
                [amount_text(a, code) for a in (one.sales_tax, one.corrections_tax, one.due)],
            )
            for one in found.balances
        ],
        totals=[
            Row((_("To be paid with the return"),), ("", "", amount_text(found.payable, code)))
        ],
        note=_("A state whose balance is negative pays it back by itself."),
        name="balances",
    )


def _corrections(
    title: str, rows: Sequence[CorrectionRow], code: str, *, note: str = "",
    name: str = "corrections",
) -> Table:  # fmt: skip
    tax = sum((row.tax for row in rows), Decimal(0))
    return Table(
        title=title,
        words=(_("period"), _("consumed in")),
        numbers=(_("tax"), _("orders")),
        rows=[
            Row(
                (str(row.period), _place(row.consumption)),
                (amount_text(row.tax, code), str(row.orders)),
                _row((str(row.period), row.consumption)),
            )
            for row in rows
        ],
        totals=[_total((amount_text(tax, code), ""), words=2)],
        note=note,
        name=name,
    )


def _sales_list(found: SalesList) -> list[Table]:
    listed = _buyers(_("EC sales list"), found.listed, found.currency, name="listed")
    others = _buyers(
        _("Reverse charge outside the list"), found.unlisted, found.currency, name="unlisted"
    )
    return [listed, others] if others.rows else [listed]


def _buyers(title: str, rows: Sequence[BuyerRow], code: str, *, name: str) -> Table:
    net = sum((row.net for row in rows), Decimal(0))
    credited = sum((row.credited for row in rows), Decimal(0))
    return Table(
        title=title,
        words=(_("country"), _("VAT id"), _("buyer")),
        numbers=(_("net"), _("of which credited"), _("orders")),
        rows=[
            Row(
                (_place(row.country), row.tax_id, row.buyer),
                (amount_text(row.net, code), amount_text(row.credited, code), str(row.orders)),
                _row((row.country, row.tax_id)),
            )
            for row in rows
        ],
        totals=[_total((amount_text(net, code), amount_text(credited, code), ""), words=3)],
        name=name,
    )


def _places(name: str, found: PlaceSummary) -> Table:
    kind = {"us": (), "duties": (_("kind"),)}.get(name, (_("tax name"), "%"))
    words = (_("place"), _("regime"), *kind)
    numbers = (
        _("sales, net"), _("of which taxed"), _("tax"), _("refunds, net"), _("refunds, tax"),
        _("net in all"), _("tax in all"), _("orders"),
    )  # fmt: skip
    return Table(
        title=_("Sales and refunds of the period"),
        words=words,
        numbers=numbers,
        rows=[_place_row(name, row) for row in found.rows],
        totals=[
            _total(
                (
                    *[""] * 5, amount_text(total.net, total.currency),
                    amount_text(total.tax, total.currency), "",
                ),
                words=len(words),
            )
            for total in found.totals
        ],
        note=_("A sale that bears two taxes stands in two rows; the total has its net once.")
        if name == "ca"
        else "",
    )  # fmt: skip


def _place_row(name: str, row: PlaceRow) -> Row:
    key, code = row.key, row.sales.currency
    place = f"{_place(key.country)}, {key.region}" if key.region else _place(key.country)
    kind: tuple[str, ...] = (key.tax_name, plain(key.percent))
    if name == "us":
        place, kind = key.region or _place(key.country), ()
    elif name == "duties":
        kind = (str(_KINDS.get(key.tax_name, key.tax_name)),)
    amounts = (
        row.sales.net, row.taxable, row.sales.tax, row.refunds.net, row.refunds.tax, row.net,
        row.tax,
    )  # fmt: skip
    return Row(
        (place, regime_words(key.regime), *kind),
        (*(amount_text(amount, code) for amount in amounts), str(row.orders)),
        _row(row_of_key(key)),
    )


def _total(numbers: Sequence[str], *, words: int) -> Row:
    return Row((_("Total"), *[""] * (words - 1)), numbers)


def _row(columns: Sequence[str]) -> str:
    return quote(row_id(columns), safe="")


def _place(country: str) -> str:
    return country_text(country) if country else "–"


def plain(percent: Decimal) -> str:
    return f"{percent.normalize():f}"
