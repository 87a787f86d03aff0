from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured

from storefront import env


def test_decimals_are_read_by_currency(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDS", "TRY:0.25, ARS: 0.4")
    assert env.decimals("BANDS") == {"TRY": Decimal("0.25"), "ARS": Decimal("0.4")}
    assert env.decimals("NO_BANDS") == {}
    assert env.decimal("NO_BAND", "0.10") == Decimal("0.10")


@pytest.mark.parametrize("value", ["TRY", "TRY:", "TRY:25%", "TRY:-1", "TRY:NaN", "TRY:1e3"])
def test_decimals_refuse_what_is_no_number(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BANDS", value)
    with pytest.raises(ImproperlyConfigured, match="BANDS must hold numbers"):
        env.decimals("BANDS")
