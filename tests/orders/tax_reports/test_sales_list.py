from datetime import date
from decimal import Decimal

from orders.tax_reports.conversion import Rates
from orders.tax_reports.facts import TaxFact
from orders.tax_reports.periods import parse_period
from orders.tax_reports.sales_list import SalesList, sum_sales_list
from tests.orders.tax_reports.facts import make_credit, make_fact

Q1 = parse_period("2026-Q1")
REVERSED = {"regime": "reverse_charge", "percent": Decimal(0), "buyer_tax_id": "DE123456788"}


def listed(*facts: TaxFact) -> SalesList:
    return sum_sales_list(
        facts, period=Q1, currency="EUR", rates=Rates(Q1.last),
        member_states=frozenset({"DE", "NL"}),
    )  # fmt: skip


def test_buyer_of_another_member_state_has_one_row_less_credits() -> None:
    found = listed(
        make_fact("100.00", "0.00", buyer="Kunde GmbH", **REVERSED),
        make_fact("50.00", "0.00", order_id=2, buyer="Kunde GmbH", **REVERSED),
        make_credit("30.00", "0.00", on=date(2026, 3, 1), sale_on=date(2026, 2, 10),
                    buyer="Kunde GmbH", **REVERSED),
    )  # fmt: skip
    (row,) = found.listed
    assert (row.country, row.tax_id, row.buyer) == ("DE", "DE123456788", "Kunde GmbH")
    assert (row.net, row.credited, row.orders) == (Decimal("120.00"), Decimal("-30.00"), 2)
    assert found.unlisted == ()


def test_buyer_outside_the_union_is_listed_apart() -> None:
    british = {**REVERSED, "country": "GB", "buyer_tax_id": "GB980780684"}
    found = listed(make_fact("100.00", "0.00", **british))
    assert found.listed == ()
    assert [row.tax_id for row in found.unlisted] == ["GB980780684"]
    assert found.net == 0


def test_sale_within_one_member_state_is_not_listed() -> None:
    found = listed(make_fact("100.00", "0.00", **{**REVERSED, "country": "NL"}))
    assert found.listed == ()
