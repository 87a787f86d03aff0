"""The stand-in answers as the registers do: their adapters and the checkout's rules take it so."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from markets.register_sandbox import RegisterSandbox
from markets.register_sandbox.numbers import MEANINGS, list_numbers
from markets.register_sandbox.server import VIES_PATH
from markets.tax_ids import TaxId, check_tax_id, read_tax_id
from tests.factories import NOW

NUMBERS = list_numbers()


@pytest.fixture
def sandbox(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[RegisterSandbox]:
    monkeypatch.setenv("NO_PROXY", "*")
    with RegisterSandbox(slow_seconds=0.01) as server:
        settings.VIES_URL = server.url + VIES_PATH
        settings.HMRC_URL, settings.HMRC_CLIENT_ID = server.url, "sandbox"
        settings.HMRC_CLIENT_SECRET = "sandbox"
        yield server


@pytest.mark.parametrize("number", NUMBERS)
def test_number_is_well_formed(number: str) -> None:
    assert str(read_tax_id(number)) == number


def test_every_country_has_a_number_for_each_outcome() -> None:
    assert Counter(NUMBERS.values()) == dict.fromkeys(MEANINGS, 29)
    assert len({number[:2] for number in NUMBERS}) == 29


@pytest.mark.django_db
@pytest.mark.parametrize("prefix", ["DE", "EL", "XI", "GB"])
@pytest.mark.parametrize("requester", [None, "DE136695976", "GB980780684"])
def test_outcome_is_as_documented(
    sandbox: RegisterSandbox, prefix: str, requester: str | None
) -> None:
    ours = read_tax_id(requester) if requester else None
    found = {}
    for number, outcome in NUMBERS.items():
        if number.startswith(prefix):
            check = check_tax_id(
                read_tax_id(number), requester=ours, now=NOW, pause=lambda _seconds: None
            )
            found[outcome] = check.outcome
            if check.outcome == "valid":
                assert check.name == f"Example {prefix} {number[2:]}"
                assert bool(check.consultation_number) == bool(ours)
    assert found == {
        "valid": "valid", "invalid": "invalid", "slow": "valid", "down": "unavailable",
    }  # fmt: skip


@pytest.mark.django_db
def test_number_that_is_not_listed_is_not_registered(sandbox: RegisterSandbox) -> None:
    assert check_tax_id(TaxId("DE", "136695976"), now=NOW).outcome == "invalid"


def test_page_lists_the_numbers(sandbox: RegisterSandbox) -> None:
    html = requests.get(sandbox.url, timeout=5).text
    assert all(number in html for number in NUMBERS)
