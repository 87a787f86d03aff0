"""How money, days and measures are written in a market."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from babel import Locale
from djmoney.money import Money

from storefront.pages.measures import write_fact, write_weight
from storefront.shops import Shop, use_shop
from storefront.templatetags.shop import country, days, moment, money, percent
from tests.factories import make_market

pytestmark = pytest.mark.django_db


def shop(language: str, locale: str) -> Shop:
    return Shop(make_market(), language, locale, locale[-2:])


@pytest.mark.parametrize(
    ("language", "locale", "amount", "expected"),
    [
        ("en", "en_GB", Money("42.80", "GBP"),
         '<bdi class="money"><span class="money__unit">£</span>42.80</bdi>'),
        ("de", "de_DE", Money("1042.80", "EUR"),
         '<bdi class="money">1.042,80\xa0<span class="money__unit">€</span></bdi>'),
        ("ja", "ja_JP", Money("1200", "JPY"),
         '<bdi class="money"><span class="money__unit">￥</span>1,200</bdi>'),
        ("ar", "ar_AE", Money("205", "AED"),
         '<bdi class="money">\u200f205.00\xa0<span class="money__unit">د.إ.\u200f</span></bdi>'),
    ],
)  # fmt: skip
def test_money_is_isolated_and_its_currency_small(
    language: str, locale: str, amount: Money, expected: str
) -> None:
    with use_shop(shop(language, locale)):
        assert money(amount) == expected


@pytest.mark.parametrize(
    ("language", "locale", "expected"),
    [
        ("en", "en_US", "Tue, Dec\xa01\u2009–\u2009Thu, Dec\xa03"),
        ("de", "de_DE", "Di., 1.\u2009–\u2009Do., 3. Dez."),
        ("ja", "ja_JP", "12月1日(火)～3日(木)"),
    ],
)
def test_days_are_said_as_people_say_them(language: str, locale: str, expected: str) -> None:
    with use_shop(shop(language, locale)):
        text = days(date(2026, 12, 1), date(2026, 12, 3))

    assert text.replace("\xa0", " ") == expected.replace("\xa0", " ")


def test_one_day_is_no_range() -> None:
    with use_shop(shop("de", "de_DE")):
        assert days(date(2026, 12, 1), date(2026, 12, 1)) == "Di., 1. Dez."


def test_country_and_percent_follow_the_locale() -> None:
    with use_shop(shop("de", "de_DE")):
        assert (country("JP"), percent(Decimal("7.7"))) == ("Japan", "7,7\xa0%")


@pytest.mark.parametrize(
    ("locale", "grams", "expected"),
    [("de_DE", 800, "800 g"), ("de_DE", 2150, "2,15 kg"), ("en_US", 950, "2.1 lb"),
     ("en_US", 100, "3.5 oz")],
)  # fmt: skip
def test_weight_is_in_the_countrys_measures(locale: str, grams: int, expected: str) -> None:
    assert write_weight(grams, Locale.parse(locale)).replace("\xa0", " ") == expected


def test_fact_takes_the_unit_that_its_code_names() -> None:
    german = Locale.parse("de_DE")

    assert write_fact("capacity_ml", "800", german).replace("\xa0", " ") == "800 ml"
    assert write_fact("capacity_ml", "a cupful", german) == "a cupful"
    assert write_fact("care", "30", german) == "30"


def test_moment_is_in_the_markets_own_time() -> None:
    with use_shop(shop("de", "de_DE")):
        assert moment(datetime(2026, 12, 1, 14, 0, tzinfo=UTC)) == "Di., 1. Dez., 15:00"
