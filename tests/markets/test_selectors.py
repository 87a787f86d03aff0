import pytest

from markets.models import Market
from markets.selectors import find_market_for_country, get_market, list_countries
from tests.factories import make_market

pytestmark = pytest.mark.django_db


def test_get_market_finds_by_code_or_raises() -> None:
    market = make_market("de")
    assert get_market("de") == market
    with pytest.raises(Market.DoesNotExist):
        get_market("fr")


def test_find_market_for_country_wants_an_active_market() -> None:
    market = make_market("de", countries=["DE", "AT"])
    assert find_market_for_country("AT") == market
    assert find_market_for_country("CH") is None
    Market.objects.update(is_active=False)
    assert find_market_for_country("AT") is None


def test_list_countries_puts_the_default_first() -> None:
    market = make_market("de", countries=["DE", "AT"])
    make_market("ch", countries=["CH"])
    assert list_countries(market) == ("DE", "AT")
    market.countries.filter(country="DE").update(position=5)
    assert list_countries(market) == ("AT", "DE")
