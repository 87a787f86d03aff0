"""Documents: numbered without a gap, equal to their order, and never changed."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from inspect import unwrap
from itertools import count
from threading import Semaphore

import pytest
from django.db import DatabaseError, connection, transaction

from markets.models import ExchangeRate, TaxRegistration
from orders.invoices import (
    CreditTooLarge,
    NoLegalEntity,
    ReturnedUnits,
    issue_credit_note,
    issue_invoice,
    sum_by_rate,
)
from orders.models import Invoice, InvoiceKind, InvoiceLine, InvoiceSeries, Order, OrderEvent
from tests.factories import NOW, make_address, make_market
from tests.orders.invoicing import (
    SUPPLIED,
    TEAPOT,
    Part,
    kept_of_order,
    make_entity,
    make_eu,
    make_taxed_order,
)

D = Decimal
invoice_of = partial(issue_invoice, supplied_on=SUPPLIED, now=NOW)


class Rolled(Exception):
    """Ends a transaction on purpose."""


@pytest.mark.django_db(transaction=True)
def test_hundred_threads_leave_no_gap_and_no_double() -> None:
    market = make_market(legal_entity=make_entity())
    orders = [make_taxed_order([TEAPOT], market=market).pk for _ in range(100)]
    at_once, tickets = Semaphore(16), count()

    def issue(order_id: int) -> int | None:
        spoilt = next(tickets) % 5 == 0
        with at_once:
            try:
                if not spoilt:
                    return invoice_of(order_id).number
                with transaction.atomic():
                    unwrap(issue_invoice)(order_id, supplied_on=SUPPLIED, now=NOW)
                    raise Rolled
            except Rolled:
                return None
            finally:
                connection.close()

    with ThreadPoolExecutor(max_workers=100) as pool:
        numbers = [number for number in pool.map(issue, orders) if number is not None]

    assert sorted(numbers) == list(range(1, 81))
    assert InvoiceSeries.objects.get().last_number == 80
    assert list(Invoice.objects.order_by("number").values_list("number", flat=True)) == sorted(
        numbers
    )


@pytest.mark.django_db(transaction=True)
def test_number_without_its_document_is_refused() -> None:
    entity = make_entity()
    with pytest.raises(DatabaseError, match="has no document"):
        InvoiceSeries.objects.create(
            legal_entity=entity, year=2026, kind=InvoiceKind.INVOICE, last_number=1
        )
    invoice_of(make_taxed_order().pk)
    with pytest.raises(DatabaseError, match="has no document"):
        InvoiceSeries.objects.update(last_number=2)
    with pytest.raises(DatabaseError, match="one by one"):
        InvoiceSeries.objects.update(last_number=7)


@pytest.mark.django_db(transaction=True)
def test_documents_refuse_change_and_deletion() -> None:
    invoice = invoice_of(make_taxed_order().pk)
    rows = [Invoice.objects.filter(pk=invoice.pk), InvoiceLine.objects.filter(invoice=invoice)]
    for row in rows:
        with pytest.raises(DatabaseError, match="append-only"):
            row.update(tax_name="") if row.model is InvoiceLine else row.update(language="fr")
        with pytest.raises(DatabaseError, match="append-only"):
            row._raw_delete(row.db)
    with pytest.raises(DatabaseError, match="append-only"):
        InvoiceSeries.objects.all()._raw_delete("default")


@pytest.mark.django_db(transaction=True)
def test_lines_that_do_not_add_up_are_refused() -> None:
    invoice = invoice_of(make_taxed_order().pk)
    line = invoice.lines.first()
    assert line is not None
    line.pk, line.position = None, 99
    with pytest.raises(DatabaseError, match="do not add up"):
        line.save(force_insert=True)


@pytest.fixture
def order(db: None) -> Order:
    return make_taxed_order()


@pytest.mark.django_db
def test_invoice_is_the_order_to_the_minor_unit(order: Order) -> None:
    invoice = invoice_of(order.pk)

    assert (invoice.net, invoice.tax, invoice.gross) == (D("97.50"), D("17.40"), D("114.90"))
    assert [
        (line.label, line.quantity, line.unit_price, line.discount, line.gross)
        for line in invoice.lines.all()
    ] == [
        ("Teapot", 2, D(50), D(0), D(100)),
        ("Sencha", 3, D(4), D(2), D(10)),
        ("Standard delivery", None, None, None, D("4.90")),
    ]
    assert [(row.percent, row.net, row.tax) for row in sum_by_rate(invoice.lines.all())] == [
        (D(19), D("88.15"), D("16.75")),
        (D(7), D("9.35"), D("0.65")),
    ]
    assert (invoice.reference, invoice.supplied_on) == ("NL-2026-000001", SUPPLIED)
    event = OrderEvent.objects.get(order=order, kind="invoice_issued")
    assert event.data == {"invoice": invoice.pk, "reference": "NL-2026-000001"}


@pytest.mark.django_db
def test_invoice_is_issued_once(order: Order) -> None:
    assert invoice_of(order.pk) == invoice_of(order.pk)
    assert InvoiceSeries.objects.get().last_number == 1


@pytest.mark.django_db
def test_numbers_start_again_with_company_kind_and_year() -> None:
    market = make_market(legal_entity=make_entity())
    other = make_market(
        "gb", countries=["GB"], legal_entity=make_entity(name="Entrepot Ltd", invoice_prefix="GB")
    )
    # In Berlin it is next year already.
    new_year = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    first = make_taxed_order(market=market)
    references = [
        invoice_of(first.pk).reference,
        invoice_of(make_taxed_order(market=market).pk).reference,
        invoice_of(make_taxed_order(market=other).pk).reference,
        invoice_of(make_taxed_order(market=market).pk, now=new_year).reference,
    ]
    note = issue_credit_note(first.pk, D(1), operation_key="refund:1", now=NOW)

    assert references == ["NL-2026-000001", "NL-2026-000002", "GB-2026-000001", "NL-2027-000001"]
    assert note is not None
    assert note.reference == "NL-C-2026-000001"


@pytest.mark.django_db
def test_order_without_seller_is_not_invoiced() -> None:
    order = make_taxed_order(market=make_market())
    with pytest.raises(NoLegalEntity):
        invoice_of(order.pk)
    assert not InvoiceSeries.objects.exists()


@pytest.mark.django_db
def test_price_that_does_not_lead_to_the_amount_is_left_out() -> None:
    """A business pays the net of a price that was shown with tax."""
    order = make_taxed_order([TEAPOT])
    order.lines.update(unit_price=D("59.50"))
    line = invoice_of(order.pk).lines.get()
    assert (line.quantity, line.unit_price, line.discount, line.gross) == (2, None, None, D(100))


@pytest.mark.django_db
def test_invoice_names_both_parties_and_the_registrations_used() -> None:
    entity = make_entity()
    number = {"legal_entity": entity, "valid_from": date(2020, 1, 1), "country": "NL"}
    oss = TaxRegistration.objects.create(scheme="union_oss", number="NL999", **number)
    billing = make_address(name="Ada", company_name="Ada GmbH")
    order = make_taxed_order(
        [TEAPOT], component={"regime": "oss", "registration": oss}, billing_address=billing,
        buyer_tax_id="DE136695976",
    )  # fmt: skip

    invoice = invoice_of(order.pk)

    assert invoice.seller["lines"] == ["Boompjes 40", "3011 XB Rotterdam", "Nederland"]
    assert [row["number"] for row in invoice.seller["registrations"]] == ["NL999"]
    assert (invoice.buyer["company"], invoice.buyer["tax_id"]) == ("Ada GmbH", "DE136695976")
    assert invoice.buyer["ship_to"]["address"]["city"] == "Hamburg"
    assert [note["code"] for note in invoice.notes] == ["oss"]


@pytest.mark.django_db
def test_number_of_the_import_scheme_stays_secret() -> None:
    ioss = TaxRegistration.objects.create(
        legal_entity=make_entity(), country="NL", scheme="ioss", number="IM5280001234",
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    order = make_taxed_order([TEAPOT], component={"regime": "ioss", "registration": ioss})
    invoice = invoice_of(order.pk)
    assert invoice.seller["registrations"] == []
    assert [note["code"] for note in invoice.notes] == ["ioss"]


@pytest.mark.django_db
def test_reverse_charge_says_so_in_the_language_of_the_order() -> None:
    make_eu("NL", "DE")
    order = make_taxed_order(
        [Part("100.00", "0", percent="0")], component={"regime": "reverse_charge"}
    )
    invoice = invoice_of(order.pk)
    assert [note["code"] for note in invoice.notes] == ["reverse_charge", "intra_eu"]
    assert "Article 138" in invoice.notes[1]["text"]


@pytest.mark.django_db
def test_tax_is_told_in_the_money_of_its_authority() -> None:
    ExchangeRate.objects.create(
        provider="ecb", base="EUR", quote="PLN", rate=D("4.25"), as_of=SUPPLIED,
        fetched_at=NOW - timedelta(hours=1),
    )  # fmt: skip
    order = make_taxed_order([TEAPOT], component={"jurisdiction": "PL"})

    invoice = invoice_of(order.pk)
    first = issue_credit_note(order.pk, D("33.33"), operation_key="refund:1", now=NOW)
    rest = issue_credit_note(order.pk, D("66.67"), operation_key="refund:2", now=NOW)

    assert (invoice.tax_currency, invoice.tax_converted) == ("PLN", D("67.87"))
    assert invoice.tax_rate_source == "ecb, 2026-11-24"
    assert first is not None
    assert rest is not None
    assert (first.tax_converted or 0) + (rest.tax_converted or 0) == D("67.87")


@pytest.mark.django_db
def test_tax_is_not_converted_without_a_rate() -> None:
    invoice = invoice_of(make_taxed_order([TEAPOT], component={"jurisdiction": "PL"}).pk)
    assert (invoice.tax_currency, invoice.tax_converted) == ("", None)


@pytest.mark.django_db
def test_credit_note_refers_to_its_invoice_at_its_rates(order: Order) -> None:
    invoice = invoice_of(order.pk)
    teapot = order.lines.get(title="Teapot")

    note = issue_credit_note(
        order.pk, D(50), operation_key="refund:7",
        returned={teapot.pk: ReturnedUnits(1, D(50))}, now=NOW,
    )  # fmt: skip

    assert note is not None
    assert (note.kind, note.corrects, note.supplied_on) == ("credit_note", invoice, SUPPLIED)
    assert [
        (line.label, line.quantity, line.net, line.tax, line.percent) for line in note.lines.all()
    ] == [("Teapot", 1, D("42.01"), D("7.99"), D(19))]
    assert issue_credit_note(order.pk, D(50), operation_key="refund:7", now=NOW) == note
    assert kept_of_order(order) == D("64.90")


@pytest.mark.django_db
def test_last_refund_takes_what_remains(order: Order) -> None:
    invoice_of(order.pk)
    for n, amount in enumerate(["10.01", "33.33", "0.01", "71.55"]):
        issue_credit_note(order.pk, D(amount), operation_key=f"refund:{n}", now=NOW)

    notes = order.invoices.filter(kind="credit_note")
    assert (sum(note.net for note in notes), sum(note.tax for note in notes)) == (
        D("97.50"),
        D("17.40"),
    )
    assert kept_of_order(order) == 0


@pytest.mark.django_db
def test_several_taxes_on_a_line_come_back_apart() -> None:
    taxes = (
        {"name": "GST", "percent": "5", "tax": "5.00", "row": "taxrate:1"},
        {"name": "QST", "percent": "9.975", "tax": "9.98", "row": "taxrate:2"},
    )
    order = make_taxed_order(
        [Part("100.00", "14.98", percent="14.975")], component={"parts": list(taxes)}
    )
    invoice = invoice_of(order.pk)
    notes = [
        issue_credit_note(order.pk, D(amount), operation_key=amount, now=NOW)
        for amount in ("57.49", "57.49")
    ]

    assert [(row.name, row.tax) for row in sum_by_rate(invoice.lines.all())] == [
        ("QST", D("9.98")),
        ("GST", D("5.00")),
    ]
    taken = [row for note in notes if note for row in sum_by_rate(note.lines.all())]
    assert {name: sum(row.tax for row in taken if row.name == name) for name in ("GST", "QST")} == {
        "GST": D("5.00"),
        "QST": D("9.98"),
    }


@pytest.mark.django_db
def test_more_than_was_invoiced_is_never_credited(order: Order) -> None:
    assert issue_credit_note(order.pk, D(1), operation_key="early", now=NOW) is None
    invoice_of(order.pk)
    with pytest.raises(CreditTooLarge):
        issue_credit_note(order.pk, D("114.91"), operation_key="refund:1", now=NOW)
    assert kept_of_order(order) == D("114.90")
