from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from markets.models import ExchangeRate, RateAlarm
from tests.markets.feeds import body, ecb_xml, provider
from tests.markets.rows import add_rates

pytestmark = pytest.mark.django_db


def test_load_rate_history_adds_what_is_missing(
    settings: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    days = {
        date(2008, 10, 8): {"USD": "1.3638", "ISK": "150"},
        date(2008, 10, 9): {"USD": "1.3681", "ISK": "305"},
    }
    with provider(**{"eurofxref-hist.xml": body(ecb_xml(days))}) as address:
        settings.ECB_RATES_URL = f"{address}/"
        call_command("load_rate_history")
        assert capsys.readouterr().out == "4 rates of 2 days are new.\n"
        call_command("load_rate_history")
        assert capsys.readouterr().out == "0 rates of 2 days are new.\n"
    rates = ExchangeRate.objects.filter(quote="ISK", status="accepted").values_list("rate")
    assert sorted(rates) == [(Decimal(150),), (Decimal(305),)]
    assert RateAlarm.objects.count() == 0
    with pytest.raises(CommandError, match="eurofxref-hist"):
        call_command("load_rate_history")


def test_load_rate_history_is_no_way_around_the_band(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    add_rates({"USD": "1.10"}, as_of=date(2026, 11, 18))
    days = {
        date(2026, 11, 17): {"USD": "0.90"},
        date(2026, 11, 19): {"USD": "1.11"},
        date(2026, 11, 20): {"USD": "11.1"},
    }
    with provider(**{"eurofxref-hist.xml": body(ecb_xml(days))}) as address:
        settings.ECB_RATES_URL = f"{address}/"
        call_command("load_rate_history")
    rates = ExchangeRate.objects.order_by("as_of").values_list("as_of__day", "status", "problem")
    assert list(rates) == [
        (17, "accepted", ""), (18, "accepted", ""), (19, "accepted", ""),
        (20, "quarantined", "jump"),
    ]  # fmt: skip
    assert RateAlarm.objects.get().kind == "jump"
