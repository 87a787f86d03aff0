from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from markets.models import ExchangeRate, RateAlarm
from tests.markets.feeds import body, ecb_xml, provider

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
