import csv
from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import count, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import markets
from markets.money import InexactAmount, from_minor, quantise, smallest_unit
from markets.tax import (
    ConflictingTaxRules,
    Goods,
    NoTaxRate,
    Place,
    RateTotal,
    TaxAnswer,
    TaxRounding,
    TaxRule,
    TaxTables,
    UnbalancedTax,
    find_rule,
)
from tests.markets.tax.law import DAY, asked, basket, goods

ids = count(1)


def rule(country: str, percent: str, category: str = "standard", region: str = "") -> TaxRule:
    return TaxRule(
        id=next(ids),
        country=country,
        region=region,
        category=category,
        percent=Decimal(percent),
        name="VAT",
    )


def row_of(found: TaxRule) -> str:
    return f"taxrate:{found.id}"


GERMANY = (rule("DE", "19"), rule("DE", "7", "books"), rule("DE", "7", "food"))
JAPAN = (rule("JP", "10"), rule("JP", "8", "food"))
STATES = (
    rule("US", "6.875", region="MN"),
    rule("US", "0", "food", region="MN"),
    rule("US", "0", region="OR"),
)
RULES = (*GERMANY, *JAPAN, *STATES, rule("CH", "8.1"), rule("KW", "5"))


def assessed(
    *lines: tuple[str, str],
    country: str = "DE",
    region: str = "",
    included: bool = True,
    currency: str = "EUR",
    rounding: TaxRounding = "line",
) -> TaxAnswer:
    """Ask what lines bear that are sold within one place."""
    here = Place(country, region)
    return asked(
        basket(
            *(
                goods(amount, key=str(number), category=category)
                for number, (amount, category) in enumerate(lines)
            ),
            to=here,
            ship_from=here,
            prices_include_tax=included,
            currency=currency,
            rounding=rounding,
        ),
        TaxTables(on=DAY, rates=RULES),
    )


def test_included_tax_is_taken_out_and_gross_stands() -> None:
    result = assessed(("119.00", "standard"), ("10.00", "books"))
    assert [(line.net, line.tax, line.gross) for line in result.components] == [
        (Decimal("100.00"), Decimal("19.00"), Decimal("119.00")),
        (Decimal("9.35"), Decimal("0.65"), Decimal("10.00")),
    ]
    assert (result.net, result.tax, result.gross) == (
        Decimal("109.35"),
        Decimal("19.65"),
        Decimal("129.00"),
    )
    assert [line.row for line in result.components] == [row_of(GERMANY[0]), row_of(GERMANY[1])]


def test_added_tax_comes_on_top_and_net_stands() -> None:
    result = assessed(
        ("19.99", "standard"),
        ("5.00", "food"),
        country="US",
        region="MN",
        included=False,
        currency="USD",
    )
    assert [(line.net, line.tax, line.gross) for line in result.components] == [
        (Decimal("19.99"), Decimal("1.37"), Decimal("21.36")),
        (Decimal("5.00"), Decimal("0.00"), Decimal("5.00")),
    ]


def test_rates_state_each_rate_once_highest_first() -> None:
    result = assessed(("10.70", "books"), ("119.00", "standard"), ("10.70", "food"))
    assert result.rates == (
        RateTotal(
            percent=Decimal(19),
            net=Decimal("100.00"),
            tax=Decimal("19.00"),
            gross=Decimal("119.00"),
        ),
        RateTotal(
            percent=Decimal(7), net=Decimal("20.00"), tax=Decimal("1.40"), gross=Decimal("21.40")
        ),
    )


def test_rate_group_rounds_once_for_each_rate() -> None:
    lines = [("105", "standard")] * 3 + [("55", "food")]
    by_line = assessed(*lines, country="JP", included=False, currency="JPY")
    by_rate = assessed(*lines, country="JP", included=False, currency="JPY", rounding="rate_group")
    assert [line.tax for line in by_line.components] == [11, 11, 11, 4]
    assert [line.tax for line in by_rate.components] == [11, 11, 10, 4]  # 31.5 rounds to 32
    assert by_rate.tax == 36


def test_category_without_a_row_is_taxed_as_standard() -> None:
    result = assessed(("108.10", "toys"), country="CH", currency="CHF")
    assert result.components[0].percent == Decimal("8.1")
    assert result.tax == Decimal("8.10")


def test_region_with_rows_is_a_regime_of_its_own() -> None:
    rules = (
        rule("ES", "21"),
        rule("ES", "4", "books"),
        rule("ES", "7", region="GC"),
    )
    percents = [
        found.percent
        for category in ("standard", "books")
        for region in ("", "GC", "M")
        if (found := find_rule(category, rules=rules, country="ES", region=region))
    ]
    assert percents == [21, 7, 21, 4, 7, 4]


def test_place_without_a_rate_is_refused() -> None:
    with pytest.raises(NoTaxRate, match="'books' in US-TX") as caught:
        assessed(("1.00", "books"), country="US", region="TX", currency="USD")
    assert (caught.value.country, caught.value.category) == ("US", "books")


def test_rate_of_zero_keeps_its_rule() -> None:
    result = assessed(("9.90", "toys"), country="US", region="OR", currency="USD")
    assert result.tax == 0
    assert result.components[0].row == row_of(STATES[2])


def test_two_rules_for_one_case_are_refused() -> None:
    with pytest.raises(ConflictingTaxRules):
        find_rule("x", rules=[rule("DE", "19"), rule("DE", "16")], country="DE", region="")


def test_amounts_finer_than_the_currency_are_refused() -> None:
    with pytest.raises(InexactAmount):
        assessed(("1.005", "standard"))


def test_floats_are_refused() -> None:
    inexact = Goods("a", 1.5, 1, "x")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        asked(basket(inexact), TaxTables(on=DAY, rates=RULES))


def test_a_total_that_does_not_balance_cannot_exist() -> None:
    with pytest.raises(UnbalancedTax):
        RateTotal(percent=Decimal(19), net=Decimal(1), tax=Decimal(1), gross=Decimal(3))


def test_nothing_is_taxed_at_nothing() -> None:
    result = assessed()
    assert (result.components, result.rates) == ((), ())
    assert result.net == result.tax == result.gross == 0


@given(
    lines=st.lists(
        st.tuples(st.integers(0, 10**9), st.sampled_from(["standard", "food", "books"])),
        max_size=12,
    ),
    place=st.sampled_from([("DE", "EUR"), ("JP", "JPY"), ("CH", "CHF"), ("KW", "KWD")]),
    included=st.booleans(),
    rounding=st.sampled_from(["line", "rate_group"]),
)
def test_net_and_tax_are_gross_everywhere(
    lines: list[tuple[int, str]],
    place: tuple[str, str],
    included: bool,
    rounding: TaxRounding,
) -> None:
    country, currency = place
    result = assessed(
        *((str(from_minor(units, currency)), category) for units, category in lines),
        country=country,
        included=included,
        currency=currency,
        rounding=rounding,
    )
    given_total = from_minor(sum(units for units, _ in lines), currency)
    assert result.net + result.tax == result.gross
    assert (result.gross if included else result.net) == given_total
    for total in (result.components, result.rates):
        assert sum(part.net for part in total) == result.net
        assert sum(part.tax for part in total) == result.tax
        assert sum(part.gross for part in total) == result.gross
    for line in result.components:
        assert line.tax == quantise(line.tax, currency)
        basis = line.gross * line.percent / (100 + line.percent)
        exact = basis if included else line.net * line.percent / 100
        assert abs(line.tax - exact) < smallest_unit(currency)
    for rate in result.rates:
        if rounding == "rate_group" and not included:
            assert rate.tax == quantise(rate.net * rate.percent / 100, currency)
        if rounding == "rate_group" and included:
            exact = rate.gross * rate.percent / (100 + rate.percent)
            assert rate.tax == quantise(exact, currency)


MARKET_COUNTRIES = (
    "US GB DE AT FR CH JP CN BR MX AE AU "
    "BE BG HR CY CZ DK EE FI GR HU IE IT LV LT LU MT NL PL PT RO SK SI ES SE"
)


def shipped_rules(day: date) -> list[TaxRule]:
    """Read the shipped rates in force on a day."""
    return [
        TaxRule(
            id=number,
            country=row["country"],
            region=row["region"],
            category=row["category"],
            percent=Decimal(row["percent"]),
            name=row["name"],
        )
        for number, row in enumerate(shipped_rows(), start=1)
        if row["valid_from"] <= day.isoformat()
        and (not row["valid_to"] or day.isoformat() < row["valid_to"])
    ]


def shipped_rows() -> list[dict[str, str]]:
    path = Path(markets.__file__).parent / "data" / "tax_rates.csv"
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_shipped_rates_cover_every_country_of_the_markets() -> None:
    rules = shipped_rules(date(2026, 11, 24))
    for country in MARKET_COUNTRIES.split():
        region = "NY" if country == "US" else ""
        for category in ("standard", "food", "books"):
            assert find_rule(category, rules=rules, country=country, region=region)
    assert len({rule.region for rule in rules if rule.country == "US"}) == 54


def test_shipped_rates_never_overlap() -> None:
    spans = defaultdict(list)
    for row in shipped_rows():
        start = date.fromisoformat(row["valid_from"])
        end = date.fromisoformat(row["valid_to"]) if row["valid_to"] else date.max
        assert start < end
        assert row["source"]
        spans[row["country"], row["region"], row["category"]].append((start, end))
    for ordered in map(sorted, spans.values()):
        assert all(before[1] <= after[0] for before, after in pairwise(ordered))


@pytest.mark.parametrize(
    ("country", "region", "category", "day", "percent"),
    [
        ("EE", "", "standard", date(2025, 6, 30), "22"),
        ("EE", "", "standard", date(2025, 7, 1), "24"),
        ("RO", "", "standard", date(2025, 7, 31), "19"),
        ("RO", "", "standard", date(2025, 8, 1), "21"),
        ("SK", "", "standard", date(2025, 1, 1), "23"),
        ("FI", "", "standard", date(2024, 9, 1), "25.5"),
        ("DE", "", "standard", date(2020, 12, 31), "16"),
        ("DE", "", "books", date(2026, 1, 1), "7"),
        ("DK", "", "food", date(2026, 1, 1), "25"),
        ("GB", "", "books", date(2026, 1, 1), "0"),
        ("JP", "", "food", date(2026, 1, 1), "8"),
        ("CH", "", "food", date(2026, 1, 1), "2.6"),
        ("US", "OR", "standard", date(2026, 1, 1), "0"),
        ("US", "NJ", "standard", date(2026, 1, 1), "6.625"),
        ("US", "TN", "food", date(2026, 1, 1), "4"),
    ],
)
def test_shipped_rates_of_a_day(
    country: str, region: str, category: str, day: date, percent: str
) -> None:
    found = find_rule(category, rules=shipped_rules(day), country=country, region=region)
    assert found
    assert found.percent == Decimal(percent)
