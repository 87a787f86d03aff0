"""What a refund takes back of an invoice: exact, at its rates, and never more than there is."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.money import exponent, quantise
from orders.invoices import Credit, CreditTooLarge, ReturnedUnits, Share, split_credit

D = Decimal
TEAPOT = Share(1, 10, D("84.03"), D("15.97"))
TEA = Share(2, 11, D("9.35"), D("0.65"))
DELIVERY = Share(3, None, D("4.12"), D("0.78"))
DUTY = Share(4, None, D("3.00"), D(0), refundable=False)


def test_returned_units_are_taken_from_their_line() -> None:
    credits = split_credit(
        [TEAPOT, TEA, DELIVERY], D(50), currency="EUR", returned={10: ReturnedUnits(1, D(50))}
    )
    assert credits == [Credit(1, D("42.01"), D("7.99"), 1)]


def test_duties_on_returned_units_come_back_and_those_of_others_stay() -> None:
    duties = [
        Share(5, None, D("6.00"), D("1.20"), border_of=10),
        Share(6, None, D("3.00"), D("0.60"), border_of=10, refundable=False),
        Share(7, None, D("2.00"), D("0.40"), border_of=11),
    ]
    credits = split_credit(
        [TEAPOT, TEA, *duties], D("53.60"), currency="EUR",
        returned={10: ReturnedUnits(1, D(50), D("3.60"))},
    )  # fmt: skip
    assert [(credit.line_id, credit.gross) for credit in credits] == [(1, D(50)), (5, D("3.60"))]


def test_rest_beside_returned_units_is_delivery_before_what_is_not_refundable() -> None:
    returned = {11: ReturnedUnits(3, D(10))}
    parts = [TEAPOT, TEA, DELIVERY, DUTY]
    assert [
        (credit.line_id, credit.gross)
        for credit in split_credit(parts, D("14.90"), currency="EUR", returned=returned)
    ] == [(2, D(10)), (3, D("4.90"))]
    assert [
        (credit.line_id, credit.gross)
        for credit in split_credit(parts, D("16.00"), currency="EUR", returned=returned)
    ] == [(2, D(10)), (3, D("3.72")), (4, D("2.28"))]


def test_refund_below_what_came_back_is_worth_shrinks_each_line() -> None:
    returned = {10: ReturnedUnits(2, D(100)), 11: ReturnedUnits(3, D(10))}
    credits = split_credit([TEAPOT, TEA], D("55.00"), currency="EUR", returned=returned)
    assert [(credit.line_id, credit.gross) for credit in credits] == [(1, D(50)), (2, D(5))]


def test_amount_without_lines_is_split_by_what_is_left() -> None:
    credits = split_credit([TEAPOT, TEA, DELIVERY], D("11.49"), currency="EUR")
    assert [credit.gross for credit in credits] == [D("10.00"), D("1.00"), D("0.49")]


def test_line_in_two_parcels_is_taken_from_both_and_names_no_units() -> None:
    halves = [Share(1, 10, D("84.03"), D("15.97")), Share(2, 10, D("42.02"), D("7.98"))]
    credits = split_credit(halves, D(75), currency="EUR", returned={10: ReturnedUnits(2, D(75))})
    assert [(credit.gross, credit.quantity) for credit in credits] == [(D(50), None), (D(25), None)]


def test_more_than_is_left_is_refused() -> None:
    spent = Share(1, 10, D("84.03"), D("15.97"), D("84.03"), D("15.97"))
    with pytest.raises(CreditTooLarge):
        split_credit([spent, TEA], D("10.01"), currency="EUR")


@st.composite
def invoices(draw: st.DrawFn) -> tuple[str, list[Share], list[Decimal]]:
    """Draw an invoice and how large a part of what is left each refund takes."""
    currency = draw(st.sampled_from(["EUR", "JPY", "KWD"]))
    unit = D(1).scaleb(-exponent(currency))
    shares = []
    for n in range(draw(st.integers(1, 5))):
        gross = draw(st.integers(0, 99_999)) * unit
        percent = draw(st.sampled_from([0, 7, 19, 25]))
        tax = quantise(gross * percent / (100 + percent), currency)
        line = draw(st.sampled_from([n, None]))
        border = draw(st.sampled_from([None, 0])) if line is None else None
        shares.append(
            Share(n, line, gross - tax, tax, refundable=draw(st.booleans()), border_of=border)
        )
    parts = draw(st.lists(st.integers(0, 100), min_size=1, max_size=6))
    return currency, shares, [D(part) / 100 for part in parts]


@given(invoices(), st.booleans())
def test_partial_refunds_add_up_to_the_invoice(
    drawn: tuple[str, list[Share], list[Decimal]], by_line: bool
) -> None:
    currency, shares, parts = drawn
    original = shares
    for part in [*parts, D(1)]:
        left = sum((share.left for share in shares), D(0))
        amount = quantise(left * part, currency)
        returned = {
            share.order_line_id: ReturnedUnits(1, quantise(share.left * part, currency), amount)
            for share in shares
            if by_line and share.order_line_id is not None
        }
        credits = split_credit(shares, amount, currency=currency, returned=returned)
        assert sum((credit.gross for credit in credits), D(0)) == amount
        assert all(credit.net >= 0 and credit.tax >= 0 for credit in credits)
        taken = {credit.line_id: credit for credit in credits}
        shares = [_after(share, taken.get(share.line_id)) for share in shares]
        assert all(
            share.credited_net <= share.net and share.credited_tax <= share.tax for share in shares
        )
    assert [(share.credited_net, share.credited_tax) for share in shares] == [
        (share.net, share.tax) for share in original
    ]


def _after(share: Share, credit: Credit | None) -> Share:
    if credit is None:
        return share
    return Share(
        share.line_id, share.order_line_id, share.net, share.tax,
        share.credited_net + credit.net, share.credited_tax + credit.tax, share.refundable,
        share.border_of,
    )  # fmt: skip
