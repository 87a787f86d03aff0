from datetime import date
from decimal import Decimal

from orders.tax_reports.conversion import DayRate, Rates
from orders.tax_reports.facts import Amounts, TaxFact
from orders.tax_reports.periods import parse_period
from orders.tax_reports.places import PlaceKey, PlaceSummary, sum_places
from tests.orders.tax_reports.facts import make_credit, make_fact

Q1 = parse_period("2026-Q1")
FEB, MAR, DEC = date(2026, 2, 10), date(2026, 3, 5), date(2025, 12, 9)
RATES = Rates(
    Q1.last,
    {"USD": DayRate(Decimal("1.10"), Q1.last), "CAD": DayRate(Decimal("1.60"), Q1.last)},
)
NEW_YORK = {"country": "US", "region": "NY", "regime": "sales_tax", "currency": "USD"}
ONTARIO = {"country": "CA", "region": "ON", "regime": "sales_tax", "currency": "CAD"}
QUEBEC = {"country": "CA", "region": "QC", "regime": "sales_tax", "currency": "CAD"}


def states(*facts: TaxFact) -> PlaceSummary:
    return sum_places(facts, period=Q1, currency="USD", rates=RATES, key=PlaceKey.of_state)


def test_state_has_sales_refunds_and_what_bore_no_tax_apart() -> None:
    found = states(
        make_fact("100.00", "4.00", **NEW_YORK),
        make_fact("60.00", "0.00", percent=Decimal(0), **NEW_YORK),
        make_credit("25.00", "1.00", on=MAR, sale_on=FEB, **NEW_YORK),
    )
    (row,) = found.rows
    assert (row.sales.net, row.taxable, row.exempt) == (
        Decimal("160.00"),
        Decimal("100.00"),
        Decimal("60.00"),
    )
    assert (row.refunds.net, row.refunds.tax) == (Decimal("-25.00"), Decimal("-1.00"))
    assert (row.net, row.tax) == (Decimal("135.00"), Decimal("3.00"))
    assert row.orders == 1


def test_refund_of_an_earlier_sale_counts_in_the_period_of_the_refund() -> None:
    found = states(make_credit("25.00", "1.00", on=MAR, sale_on=DEC, **NEW_YORK))
    (row,) = found.rows
    assert (row.sales.net, row.refunds.net) == (Decimal("0.00"), Decimal("-25.00"))


def test_sales_without_nexus_stand_in_a_row_of_their_own() -> None:
    found = states(
        make_fact("100.00", "4.00", **NEW_YORK),
        make_fact("70.00", "0.00", **{**NEW_YORK, "regime": "no_nexus"}),
        make_fact("30.00", "0.00", **{**NEW_YORK, "region": "OR", "regime": "no_nexus"}),
    )
    assert [(row.key.region, row.key.regime, row.net) for row in found.rows] == [
        ("NY", "no_nexus", Decimal("70.00")),
        ("NY", NEW_YORK["regime"], Decimal("100.00")),
        ("OR", "no_nexus", Decimal("30.00")),
    ]


def test_sales_in_another_currency_are_converted_once_per_row() -> None:
    in_euro = {**NEW_YORK, "currency": "EUR"}
    found = states(*[make_fact("0.05", "0.00", order_id=n, **in_euro) for n in range(10)])
    assert found.totals == (Amounts("USD", Decimal("0.55"), Decimal("0.00")),)


def test_province_has_a_row_for_each_of_its_taxes_and_counts_each_sale_once() -> None:
    gst = make_fact("200.00", "10.00", percent=Decimal(5), tax_name="GST", **QUEBEC)
    qst = make_fact("200.00", "19.95", percent=Decimal("9.975"), tax_name="QST",
                    counts_net=False, **QUEBEC)  # fmt: skip
    hst = make_fact("236.00", "30.68", percent=Decimal(13), tax_name="HST", **ONTARIO)
    found = sum_places(
        [gst, qst, hst], period=Q1, currency="CAD", rates=RATES, key=PlaceKey.of_province
    )
    assert [(r.key.region, r.key.tax_name, r.sales.net, r.tax) for r in found.rows] == [
        ("ON", "HST", Decimal("236.00"), Decimal("30.68")),
        ("QC", "GST", Decimal("200.00"), Decimal("10.00")),
        ("QC", "QST", Decimal("200.00"), Decimal("19.95")),
    ]
    assert found.totals == (Amounts("CAD", Decimal("436.00"), Decimal("60.63")),)


def test_country_has_a_row_for_each_rate_and_currency() -> None:
    home = {"country": "NL", "regime": "domestic"}
    found = sum_places(
        [
            make_fact("100.00", "21.00", percent=Decimal(21), **home),
            make_fact("10.00", "0.90", percent=Decimal(9), **home),
            make_fact("11.00", "0.99", percent=Decimal(9), currency="AED", **home),
        ],
        period=Q1, currency="", rates=RATES, key=PlaceKey.of_country,
    )  # fmt: skip
    assert [(r.key.currency, r.key.percent, r.tax) for r in found.rows] == [
        ("AED", Decimal(9), Decimal("0.99")),
        ("EUR", Decimal(9), Decimal("0.90")),
        ("EUR", Decimal(21), Decimal("21.00")),
    ]
    assert [(total.currency, total.gross) for total in found.totals] == [
        ("AED", Decimal("11.99")),
        ("EUR", Decimal("131.90")),
    ]
