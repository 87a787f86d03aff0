from decimal import Decimal

import pytest
from django.core import checks
from django.core.exceptions import ValidationError
from djmoney.money import Money

from markets.market_endings import build_ending, parse_endings
from markets.models import Market
from markets.price_endings import PriceEnding
from markets.pricing import set_manual_price
from tests.factories import NOW, make_variant
from tests.markets.rows import bare_market


def test_endings_are_numbers_parted_by_spaces() -> None:
    assert parse_endings(" 0.99  0.49 ") == (Decimal("0.99"), Decimal("0.49"))
    assert parse_endings("") == ()


def build(
    text: str = "0.90", *, step: str = "1", grid: str | None = None, avoid: str = "",
    currency: str = "CHF",
) -> PriceEnding | None:  # fmt: skip
    return build_ending(
        text,
        step=Decimal(step),
        grid=Decimal(grid) if grid else None,
        avoid_digits=avoid,
        currency=currency,
    )


def test_build_gives_the_ending_of_the_fields() -> None:
    assert build(grid="0.05") == PriceEnding(
        step=Decimal(1), endings=(Decimal("0.90"),), grid=Decimal("0.05")
    )
    assert build("") is None


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": "0.99,0.49"}, "“0.99,0.49” is no number"),
        ({"text": "NaN"}, "“NaN” is no number"),
        ({"text": "99"}, "99 does not lie between 0 and the step of 1"),
        ({"text": "-0.01"}, "-0.01 does not lie between"),
        ({"grid": "2"}, "grid 2 is not positive, or coarser"),
        ({"grid": "-1"}, "grid -1 is not positive"),
        ({"text": "0.995"}, "0.995 is finer than CHF can be paid in"),
        ({"text": "0.5", "currency": "JPY"}, "0.5 is finer than JPY"),
        ({"text": "0.90", "currency": "QQQ"}, "“QQQ” is no currency"),
        ({"text": "0.94", "avoid": "4"}, "digits to avoid"),
        ({"text": "0", "step": "5", "avoid": "4"}, "digits to avoid"),
        ({"text": "0", "avoid": "x"}, "digits to avoid"),
    ],
)
def test_build_says_what_is_wrong(fields: dict[str, str], says: str) -> None:
    with pytest.raises(ValidationError) as caught:
        build(**fields)
    assert says in caught.value.messages[0]


@pytest.mark.django_db
def test_market_with_unusable_endings_is_refused_by_its_form() -> None:
    market = bare_market()
    market.endings = "1.99"
    with pytest.raises(ValidationError) as caught:
        market.full_clean()
    assert list(caught.value.message_dict) == ["endings"]


@pytest.mark.django_db
def test_market_with_prices_keeps_its_currency() -> None:
    market = bare_market()
    market.currency = "USD"
    market.full_clean()
    market.currency = "EUR"
    price = set_manual_price(make_variant().pk, market, Decimal(5), now=NOW)
    assert price.amount == Money(5, "EUR")
    market.currency = "USD"
    with pytest.raises(ValidationError) as caught:
        market.full_clean()
    assert list(caught.value.message_dict) == ["currency"]


@pytest.mark.django_db
def test_check_names_stored_endings_that_make_no_prices() -> None:
    bare_market()
    bad = bare_market("fr")
    Market.objects.filter(pk=bad.pk).update(endings="ninety")
    found = checks.run_checks(tags=[checks.Tags.database], databases=["default"])
    assert [(error.id, error.obj) for error in found] == [("markets.E001", bad)]
    assert "market fr" in found[0].msg
