"""VIES on a server of this machine: only a plain yes is a yes, and silence is told as silence."""

import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler

import pytest

from markets.tax_ids import TaxId
from markets.tax_ids.answers import Answer, ask_register
from markets.tax_ids.http import MAX_BYTES
from markets.tax_ids.vies import Vies
from tests.markets.tax_ids import registers
from tests.markets.tax_ids.registers import (
    Register,
    register,
    says,
    sends,
    vies_error,
    vies_invalid,
    vies_valid,
)

GERMAN = TaxId("DE", "136695976")
OURS = TaxId("NL", "004495445B01")
VALID = {"countryCode": "DE", "vatNumber": "136695976", "valid": True}


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def ask(
    server: Register,
    *,
    tax_id: TaxId = GERMAN,
    requester: TaxId | None = None,
    seconds: float = 20,
    waited: list[float] | None = None,
) -> Answer:
    pauses = [] if waited is None else waited
    return ask_register(
        Vies(f"{server.url}/check"),
        tax_id,
        requester=requester,
        seconds=seconds,
        pause=pauses.append,
    )


def test_valid_id_is_kept_with_its_evidence() -> None:
    with register(vies_valid()) as server:
        answer = ask(server, requester=OURS)
    assert answer == Answer(
        "valid",
        name="Hafenkontor GmbH",
        address="Am Kai 1 20457 Hamburg",
        requester="NL004495445B01",
        consultation_number="WAPIAAAAY3k0fEdT",
    )
    assert [row.json for row in server.asked] == [
        {
            "countryCode": "DE",
            "vatNumber": "136695976",
            "requesterMemberStateCode": "NL",
            "requesterNumber": "004495445B01",
        }
    ]


def test_greece_and_northern_ireland_are_asked_for_by_their_own_letters() -> None:
    for tax_id in (TaxId("EL", "094259216"), TaxId("XI", "980780684")):
        with register(vies_valid(str(tax_id))) as server:
            assert ask(server, tax_id=tax_id).outcome == "valid"
        assert server.asked[0].json == {
            "countryCode": tax_id.prefix,
            "vatNumber": tax_id.number,
        }


def test_dashes_for_what_a_state_does_not_tell_are_left_out() -> None:
    with register(vies_valid(name="---", address="---", requestIdentifier="")) as server:
        assert ask(server) == Answer("valid")


@pytest.mark.parametrize("answer", [vies_invalid(), vies_error("INVALID_INPUT", status=400)])
def test_invalid_id_is_invalid_at_once(answer: registers.Answer) -> None:
    with register(answer) as server:
        assert ask(server).outcome == "invalid"
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    "code",
    [
        "MS_UNAVAILABLE",
        "TIMEOUT",
        "SERVICE_UNAVAILABLE",
        "MS_MAX_CONCURRENT_REQ",
        "GLOBAL_MAX_CONCURRENT_REQ",
    ],
)
def test_outage_is_asked_again_and_never_a_yes(code: str) -> None:
    waited: list[float] = []
    with register(vies_error(code)) as server:
        assert ask(server, waited=waited) == Answer("unavailable", reason=code)
    assert len(server.asked) == 3
    assert waited == [0.3, 0.9]


def test_outage_of_a_moment_is_not_seen() -> None:
    with register(vies_error("MS_MAX_CONCURRENT_REQ"), sends(b"", status=502), vies_valid()) as it:
        assert ask(it).outcome == "valid"
    assert len(it.asked) == 3


@pytest.mark.parametrize("code", ["VAT_BLOCKED", "IP_BLOCKED"])
def test_register_that_has_shut_us_out_is_not_pressed(code: str) -> None:
    with register(vies_error(code)) as server:
        assert ask(server) == Answer("unavailable", reason=code)
    assert len(server.asked) == 1


def test_our_own_id_being_refused_costs_the_proof_only() -> None:
    with register(
        vies_error("INVALID_REQUESTER_INFO", status=400), vies_valid(requestIdentifier="")
    ) as server:
        answer = ask(server, requester=OURS)
    assert (answer.outcome, answer.requester) == ("valid", "")
    assert "requesterNumber" not in server.asked[-1].json


def test_answer_of_the_older_address_is_read_too() -> None:
    data = {"isValid": True, "userError": "VALID", "name": "Hafenkontor GmbH"}
    with register(says(data)) as server:
        assert ask(server) == Answer("valid", name="Hafenkontor GmbH")
    with register(says({"isValid": False, "userError": "INVALID"})) as server:
        assert ask(server).outcome == "invalid"
    with register(says({"isValid": False, "userError": "MS_UNAVAILABLE"})) as server:
        assert ask(server) == Answer("unavailable", reason="MS_UNAVAILABLE")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (sends(b""), "MALFORMED"),
        (sends(b'{"valid": tru'), "MALFORMED"),
        (sends(b"<html>Down for maintenance</html>"), "MALFORMED"),
        (sends(b"[true]"), "MALFORMED"),
        (sends(b"[" * 60_000), "MALFORMED"),
        (sends(b"\xff\xfe\x00"), "MALFORMED"),
        (says({}), "MALFORMED"),
        (says({**VALID, "valid": "true"}), "MALFORMED"),
        (says({**VALID, "valid": 1}), "MALFORMED"),
        (says({**VALID, "valid": None}), "MALFORMED"),
        (says({**VALID, "actionSucceed": False}), "MALFORMED"),
        (says({**VALID, "userError": "SOMETHING_NEW"}), "SOMETHING_NEW"),
        (says({**VALID, "userError": {"a": 1}}), "UNKNOWN_ERROR"),
        (says({**VALID, "errorWrappers": [{"error": "<script>"}]}), "UNKNOWN_ERROR"),
        (says({**VALID, "vatNumber": "136695977"}), "ANOTHER_NUMBER"),
        (says({**VALID, "countryCode": "AT"}), "ANOTHER_NUMBER"),
        (says(VALID, status=500), "HTTP_500"),
        (says(VALID, status=403), "HTTP_403"),
        (sends(b"", status=302, Location="https://example.org/"), "HTTP_302"),
        (sends(b" " * (MAX_BYTES + 1)), "TOO_LARGE"),
        (sends(b"x", Content_Encoding="gzip"), "ENCODING"),
    ],
)
def test_what_is_no_plain_answer_is_silence(answer: registers.Answer, reason: str) -> None:
    with register(answer) as server:
        assert ask(server) == Answer("unavailable", reason=reason)


def test_endless_answer_is_not_read_to_its_end() -> None:
    sent = 0

    def endless(handler: BaseHTTPRequestHandler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                sent += handler.wfile.write(b" " * 65_536)
        except OSError:
            pass

    with register(endless) as server:
        assert ask(server).reason == "TOO_LARGE"
    assert sent < 300 * MAX_BYTES


def silent(server: Register) -> registers.Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        server.released.wait(timeout=30)
        handler.close_connection = True

    return answer


def dripping(server: Register) -> registers.Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while not server.released.wait(timeout=0.01):
                handler.wfile.write(b" ")
        except OSError:
            pass
        handler.close_connection = True

    return answer


@pytest.mark.parametrize("slow", [silent, dripping])
def test_slow_register_is_left_after_the_time_in_all(
    slow: Callable[[Register], registers.Answer],
) -> None:
    with register() as server:
        server.answers.append(slow(server))
        began = time.monotonic()
        assert ask(server, seconds=0.2) == Answer("unavailable", reason="TIMEOUT")
        assert time.monotonic() - began < 5
        assert len(server.asked) == 1


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://[", "nonsense", ""])
def test_address_where_nobody_is_means_silence(url: str) -> None:
    answer = ask_register(Vies(url), GERMAN, requester=None, seconds=5, pause=lambda _seconds: None)
    assert answer == Answer("unavailable", reason="NETWORK")
