"""HMRC on a server of this machine: with a token, and only a plain yes is a yes."""

import pytest

from markets.tax_ids import TaxId
from markets.tax_ids.answers import Answer, ask_register
from markets.tax_ids.hmrc import Hmrc
from tests.markets.tax_ids import registers
from tests.markets.tax_ids.registers import (
    Register,
    hmrc_unknown,
    hmrc_valid,
    register,
    says,
    sends,
)

BRITISH = TaxId("GB", "980780684")
OURS = TaxId("GB", "193054661")


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def ask(server: Register, *, tax_id: TaxId = BRITISH, requester: TaxId | None = None) -> Answer:
    hmrc = Hmrc(server.url, "shop", "secret")
    return ask_register(hmrc, tax_id, requester=requester, seconds=20, pause=lambda _seconds: None)


def test_valid_number_is_kept_with_its_evidence() -> None:
    with register(hmrc_valid(consultationNumber="mB3-cx5-7Yh")) as server:
        answer = ask(server, requester=OURS)
    assert answer == Answer(
        "valid",
        name="HARBOUR GOODS LTD",
        address="1 Quay Street, Bristol, BS1 4RW, GB",
        requester="GB193054661",
        consultation_number="mB3-cx5-7Yh",
    )
    token, lookup = server.asked
    assert token.form == {
        "grant_type": "client_credentials",
        "client_id": "shop",
        "client_secret": "secret",
    }
    assert lookup.path == "/organisations/vat/check-vat-number/lookup/980780684/193054661"
    assert lookup.headers["Authorization"] == "Bearer token-1"
    assert lookup.headers["Accept"] == "application/vnd.hmrc.2.0+json"


def test_number_that_is_not_found_is_invalid() -> None:
    with register(hmrc_unknown()) as server:
        assert ask(server).outcome == "invalid"
    assert len(server.lookups) == 1


def test_token_is_asked_for_once_and_again_when_it_is_refused() -> None:
    refused = says({"code": "INVALID_CREDENTIALS"}, status=401)
    with register(hmrc_valid(), hmrc_valid(), refused, hmrc_valid()) as server:
        assert [ask(server).outcome for _ in range(3)] == ["valid"] * 3
    assert server.tokens == 2
    assert [row.headers["Authorization"] for row in server.lookups] == [
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-1",
        "Bearer token-2",
    ]


def test_credentials_that_are_refused_are_silence() -> None:
    with register(hmrc_valid(), token_status=401) as server:
        assert ask(server) == Answer("unavailable", reason="NO_TOKEN")
    assert (server.tokens, server.lookups) == (1, [])


def test_our_own_number_being_refused_costs_the_proof_only() -> None:
    refused = says({"code": "INVALID_REQUEST"}, status=400)
    with register(refused, hmrc_valid()) as server:
        answer = ask(server, requester=OURS)
    assert (answer.outcome, answer.requester) == ("valid", "")
    assert server.lookups[-1].path.endswith("/lookup/980780684")


def test_numbers_of_departments_are_in_no_register() -> None:
    with register(hmrc_valid()) as server:
        assert ask(server, tax_id=TaxId("GB", "GD001")).reason == "NOT_IN_REGISTER"
    assert server.asked == []


@pytest.mark.parametrize(
    ("answer", "reason", "times"),
    [
        (sends(b"", status=404), "HTTP_404", 3),  # a wrong address is no answer about a number
        (says({"code": "MATCHING_RESOURCE_NOT_FOUND"}, status=404), "HTTP_404", 3),
        (sends(b"", status=500), "HTTP_500", 3),
        (says({"code": "MESSAGE_THROTTLED_OUT"}, status=429), "HTTP_429", 3),
        (says({"code": "INVALID_REQUEST"}, status=400), "HTTP_400", 1),
        (sends(b"<html>"), "MALFORMED", 3),
        (says({}), "ANOTHER_NUMBER", 1),
        (says({"target": "yes"}), "ANOTHER_NUMBER", 1),
        (hmrc_valid("193054661"), "ANOTHER_NUMBER", 1),
    ],
)
def test_what_is_no_plain_answer_is_silence(
    answer: registers.Answer, reason: str, times: int
) -> None:
    with register(answer) as server:
        assert ask(server) == Answer("unavailable", reason=reason)
    assert len(server.lookups) == times


@pytest.mark.parametrize("address", [None, [], "1 Quay Street", {"line1": 5}])
def test_address_in_another_shape_does_not_matter(address: object) -> None:
    target = {"name": "HARBOUR GOODS LTD", "vatNumber": "980780684", "address": address}
    with register(says({"target": target})) as server:
        assert ask(server) == Answer("valid", name="HARBOUR GOODS LTD")
