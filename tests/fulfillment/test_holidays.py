from datetime import date

import pytest

from fulfillment.holidays import DaysOff, find_part, holidays_of, weekend_of


@pytest.mark.parametrize(
    ("country", "region", "postal_code", "expected"),
    [
        ("US", "NJ", "", "NJ"),
        ("US", "nj", "", "NJ"),
        ("US", "US-NJ", "", "NJ"),
        ("CH", "Zürich", "", "ZH"),
        ("DE", "Narnia", "20457", ""),
        ("GB", "", "EH1 1AA", "SCT"),
        ("GB", "", "g2 1al", "SCT"),
        ("GB", "", "GU1 1AA", "ENG"),
        ("GB", "", "BT1 1AA", "NIR"),
        ("GB", "", "", ""),
        ("XX", "NJ", "", ""),
    ],
)
def test_find_part_knows_codes_names_and_british_postcodes(
    country: str, region: str, postal_code: str, expected: str
) -> None:
    assert find_part(country, region, postal_code) == expected


def test_holidays_of_a_part_are_its_own() -> None:
    good_friday, boxing_day = date(2026, 4, 3), date(2026, 12, 28)

    assert good_friday in holidays_of("CH", "ZH", 2026)
    assert good_friday not in holidays_of("CH", "TI", 2026)
    assert boxing_day in holidays_of("GB", "ENG", 2026)


def test_holidays_of_an_unknown_part_are_those_of_most_parts() -> None:
    assert date(2026, 4, 3) in holidays_of("CH", "", 2026)  # Good Friday: all but two cantons.
    assert date(2026, 5, 1) not in holidays_of("CH", "", 2026)  # Labour Day: some.
    assert date(2026, 1, 6) not in holidays_of("DE", "", 2026)  # Epiphany: three Länder.


def test_days_off_are_holidays_of_every_place_and_closed_days() -> None:
    off = DaysOff((("DE", ""), ("CH", "")), frozenset({date(2026, 8, 3)}))

    assert date(2026, 10, 3) in off  # German unity.
    assert date(2026, 8, 1) in off  # The Swiss national day.
    assert date(2026, 8, 3) in off
    assert date(2026, 8, 4) not in off


def test_a_country_that_is_not_known_rests_on_weekends_alone() -> None:
    assert holidays_of("XX", "", 2026) == frozenset()
    assert weekend_of("XX") == {5, 6}
    assert weekend_of("AE") == {5, 6}
    assert weekend_of("SA") == {4, 5}
