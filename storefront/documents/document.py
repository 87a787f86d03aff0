"""A document in words: everything that stands on it, written as its order's locale does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent
from django.utils.translation import get_language_bidi, override
from django.utils.translation import gettext as _

from markets.money import format_money
from orders.invoices import RateSum, sum_by_rate
from orders.models import Invoice, InvoiceLine
from storefront.shops import language_tag
from storefront.tax_names import tax_name


@dataclass(frozen=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True)
class Row:
    """A line as people read it: the parts of one good at one rate, together."""

    label: str
    sku: str
    quantity: str
    unit_price: str
    discount: str
    percent: str
    amount: str


@dataclass(frozen=True)
class Document:
    """`rows` and `sums` are in the order of the page; `amount_title` says if tax is in them."""

    reference: str
    title: str
    tag: str
    is_rtl: bool
    seller: Sequence[str]
    seller_facts: Sequence[Fact]
    buyer: Sequence[str]
    buyer_facts: Sequence[Fact]
    ship_to: Sequence[str]
    facts: Sequence[Fact]
    amount_title: str
    has_quantities: bool
    has_prices: bool
    rows: Sequence[Row]
    sums: Sequence[Fact]
    total: Fact
    converted: str
    notes: Sequence[str]


def read_document(invoice: Invoice) -> Document:
    """Put an invoice in words, whatever language is active; its lines, order and market come along.

    Nothing is computed but sums of its lines.
    """
    with override(invoice.language):
        return _read(invoice, Locale.parse(invoice.locale))


def _read(invoice: Invoice, locale: Locale) -> Document:
    seller, buyer = invoice.seller, invoice.buyer
    lines = list(invoice.lines.all())
    rows = [_row(group, invoice, locale) for group in _grouped(lines)]
    return Document(
        reference=invoice.reference,
        title=_("Credit note") if invoice.is_credit_note else _("Invoice"),
        tag=language_tag(invoice.language, locale.territory or ""),
        is_rtl=get_language_bidi(),
        seller=[_isolated(line) for line in _seller_lines(seller, locale)],
        seller_facts=_seller_facts(invoice, locale),
        buyer=[_isolated(line) for line in buyer["lines"]],
        buyer_facts=[Fact(_("VAT id"), _isolated(buyer["tax_id"]))] if buyer["tax_id"] else [],
        ship_to=[_isolated(line) for line in buyer["ship_to"]["lines"]] if buyer["ship_to"] else [],
        facts=_facts(invoice, locale),
        amount_title=_("Amount with tax")
        if invoice.prices_include_tax
        else _("Amount without tax"),
        has_quantities=any(row.quantity for row in rows),
        has_prices=any(row.unit_price for row in rows),
        rows=rows,
        sums=_sums(invoice, lines, locale),
        total=Fact(
            _("Total credited") if invoice.is_credit_note else _("Total"),
            _money(invoice.gross, invoice, locale),
        ),
        converted=_converted(invoice, locale),
        notes=[note["text"] for note in invoice.notes],
    )


def _seller_lines(seller: dict[str, Any], locale: Locale) -> list[str]:
    """The country comes in the reader's language, unless the address ends with it already."""
    code, lines = seller["country"], list(seller["lines"])
    name = str(locale.territories.get(code, code))
    known = {
        str(words.territories.get(code, "")).casefold()
        for words in (locale, Locale("en"), Locale.parse(f"und_{code}"))
    }
    ends = str(lines[-1]).casefold() if lines else ""
    return [seller["name"], *lines, *([] if ends in known else [name])]


def _seller_facts(invoice: Invoice, locale: Locale) -> list[Fact]:
    seller = invoice.seller
    facts = [Fact(_("Tax number"), _isolated(seller["tax_id"]))] if seller["tax_id"] else []
    facts += [
        Fact(
            _("Tax number in %(country)s")
            % {"country": locale.territories.get(row["country"], row["country"])},
            _isolated(row["number"]),
        )
        for row in seller["registrations"]
    ]
    if seller["email"]:
        facts.append(Fact(_("E-mail"), _isolated(seller["email"])))
    return facts


def _facts(invoice: Invoice, locale: Locale) -> list[Fact]:
    order = invoice.order
    facts = [
        Fact(_("Number"), _isolated(invoice.reference)),
        Fact(_("Date"), _day(invoice.issued_on, locale)),
        Fact(_("Date of supply"), _day(invoice.supplied_on, locale)),
        Fact(_("Order"), _isolated(order.number)),
        Fact(_("Ordered on"), _day(order.placed_at.astimezone(order.market.zone).date(), locale)),
    ]
    if invoice.corrects is not None:
        corrected = _("%(reference)s of %(day)s") % {
            "reference": _isolated(invoice.corrects.reference),
            "day": _day(invoice.corrects.issued_on, locale),
        }
        facts.insert(2, Fact(_("Corrects invoice"), corrected))
    return facts


def _grouped(lines: Sequence[InvoiceLine]) -> list[list[InvoiceLine]]:
    """Put together what differs only by the parcel that it went in."""
    groups: dict[tuple[object, ...], list[InvoiceLine]] = {}
    for line in lines:
        key = (
            line.order_line_id, line.charge_id, line.label, line.percent, line.tax_name,
            line.regime, line.jurisdiction, line.unit_price,
        )  # fmt: skip
        groups.setdefault(key, []).append(line)
    return list(groups.values())


def _row(group: Sequence[InvoiceLine], invoice: Invoice, locale: Locale) -> Row:
    first = group[0]
    quantity = sum(line.quantity or 0 for line in group)
    discount = sum((line.discount or Decimal(0) for line in group), Decimal(0))
    amount = sum(
        (line.gross if invoice.prices_include_tax else line.net for line in group), Decimal(0)
    )
    return Row(
        label=_isolated(first.label),
        sku=_isolated(first.sku) if first.sku else "",
        quantity=format_decimal(quantity, locale=locale) if quantity else "",
        unit_price=_money(first.unit_price, invoice, locale)
        if first.unit_price is not None and not invoice.is_credit_note
        else "",
        discount=_money(-discount, invoice, locale) if discount else "",
        percent=_percent(first.percent, locale),
        amount=_money(amount, invoice, locale),
    )


def _sums(invoice: Invoice, lines: Sequence[InvoiceLine], locale: Locale) -> list[Fact]:
    rates = _by_country(sum_by_rate(lines))
    countries = {row.jurisdiction for row in rates if row.tax}
    return [
        Fact(_("Total without tax"), _money(invoice.net, invoice, locale)),
        *(
            Fact(
                _rate_label(row, invoice, locale, with_place=len(countries) > 1),
                _money(row.tax, invoice, locale),
            )
            for row in rates
            if row.net
        ),
    ]


def _by_country(rates: Sequence[RateSum]) -> list[RateSum]:
    """Put together what differs only by the scheme that it is declared under."""
    sums: dict[tuple[str, Decimal, str], RateSum] = {}
    for row in rates:
        country = row.jurisdiction.partition("-")[0] if row.percent else ""
        key = (row.name if row.percent else "", row.percent, country)
        known = sums.get(key)
        net, tax = (known.net, known.tax) if known else (Decimal(0), Decimal(0))
        sums[key] = RateSum(row.name, row.percent, "", country, net + row.net, tax + row.tax)
    return list(sums.values())


def _rate_label(row: RateSum, invoice: Invoice, locale: Locale, *, with_place: bool) -> str:
    name = tax_name(row.name) if row.name else _("Tax")
    if with_place and row.jurisdiction:
        name = f"{name} ({locale.territories.get(row.jurisdiction, row.jurisdiction)})"
    return _("%(tax)s %(percent)s on %(net)s") % {
        "tax": name,
        "percent": _percent(row.percent, locale),
        "net": _money(row.net, invoice, locale),
    }


def _converted(invoice: Invoice, locale: Locale) -> str:
    if invoice.tax_converted is None or invoice.tax_rate is None:
        return ""
    return _("Tax in %(currency)s: %(amount)s (1 %(own)s = %(rate)s %(currency)s; %(source)s)") % {
        "currency": invoice.tax_currency,
        "amount": _isolated(format_money(invoice.tax_converted, invoice.tax_currency, str(locale))),
        "own": invoice.currency,
        "rate": format_decimal(invoice.tax_rate.normalize(), "0.########", locale=locale),
        "source": invoice.tax_rate_source.upper(),
    }


def _money(amount: Decimal, invoice: Invoice, locale: Locale) -> str:
    return _isolated(format_money(amount, invoice.currency, str(locale)))


def _isolated(text: str) -> str:
    """Keep a text's own direction: the writer of PDF files knows no `bdi` element."""
    return f"\N{FIRST STRONG ISOLATE}{text}\N{POP DIRECTIONAL ISOLATE}"


def _percent(value: Decimal, locale: Locale) -> str:
    exact = (value / 100).normalize()
    return str(format_percent(exact, locale=locale, decimal_quantization=False))


def _day(day: date, locale: Locale) -> str:
    return str(format_date(day, "long", locale=locale))
