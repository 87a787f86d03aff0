"""The simulated carriers by themselves, as anybody's client would meet them."""

import subprocess
import sys
import zlib
from pathlib import Path

import pytest
import requests

from fulfillment.carrier_server import CarrierServer
from fulfillment.carrier_server.code128 import bar_widths
from fulfillment.carrier_server.numbers import check_digit
from fulfillment.carrier_server.server import DEFAULT_KEY

PARCEL = {
    "reference": "7KQ2-9F4M-X-S1",
    "service": "postline-standard",
    "option": "standard",
    "weight_grams": 1200,
    "sender": {"country": "NL", "lines": ["Entrepot", "Waalhaven 81", "3087 BM Rotterdam"]},
    "receiver": {"country": "CH", "lines": ["Zoë (Müller)", "Bahnhofstr. 1", "8001 ZÜRICH"]},
    "items": [{"quantity": 2, "description": "Teapot", "hs_code": "691110"}],
}


@pytest.fixture
def server(tmp_path: Path):  # type: ignore[no-untyped-def]
    with CarrierServer(tmp_path) as server:
        yield server


def call(
    server: CarrierServer, method: str, path: str, *, json: object = None, key: str = "k",
    token: str = DEFAULT_KEY,
) -> requests.Response:  # fmt: skip
    return requests.request(
        method,
        f"{server.url}{path}",
        json=json,
        headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        timeout=10,
    )


def test_same_key_gives_the_same_label(server: CarrierServer) -> None:
    first = call(server, "POST", "/v1/postline/labels", json=PARCEL)
    again = call(server, "POST", "/v1/postline/labels", json=PARCEL)
    other = call(server, "POST", "/v1/postline/labels", json=PARCEL, key="other")
    assert (first.status_code, first.json()) == (201, again.json())
    assert other.json()["tracking_number"] != first.json()["tracking_number"]


def test_key_for_another_parcel_is_refused(server: CarrierServer) -> None:
    call(server, "POST", "/v1/postline/labels", json=PARCEL)
    answer = call(server, "POST", "/v1/postline/labels", json={**PARCEL, "weight_grams": 900})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "key_reused")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"weight_grams": 0}, "invalid_weight"),
        ({"weight_grams": 40_000}, "invalid_weight"),
        ({"receiver": {"country": "CH", "lines": ["Zoë"]}}, "invalid_address"),
        ({"receiver": {"lines": ["a", "b"]}}, "invalid_parcel"),
    ],
)
def test_parcel_that_is_not_carried_is_refused(
    server: CarrierServer, changes: dict[str, object], code: str
) -> None:
    answer = call(server, "POST", "/v1/postline/labels", json={**PARCEL, **changes})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
    assert server.labels() == []


def test_stranger_gets_nothing(server: CarrierServer) -> None:
    answer = call(server, "POST", "/v1/postline/labels", json=PARCEL, token="guess")
    assert answer.status_code == 401
    assert server.labels() == []


def test_voided_label_is_gone_and_a_moving_one_stays(server: CarrierServer) -> None:
    first = call(server, "POST", "/v1/postline/labels", json=PARCEL).json()
    moving = call(server, "POST", "/v1/postline/labels", json=PARCEL, key="moving").json()
    server.move(moving["tracking_number"], "picked_up")
    for _ in range(2):
        answer = call(server, "POST", f"/v1/postline/labels/{first['id']}/void")
        assert answer.json()["status"] == "voided"
    refused = call(server, "POST", f"/v1/postline/labels/{moving['id']}/void")
    assert refused.status_code == 409
    assert [label["id"] for label in server.labels()] == [moving["id"]]
    assert call(server, "GET", "/v1/postline/labels?key=k").json() == {"labels": []}


def test_state_outlives_the_process(tmp_path: Path) -> None:
    with CarrierServer(tmp_path) as server:
        made = call(server, "POST", "/v1/postline/labels", json=PARCEL).json()
        server.trouble("postline", "down")
    with CarrierServer(tmp_path) as server:
        assert call(server, "POST", "/v1/postline/labels", json=PARCEL).status_code == 503
        server.trouble("postline", "none")
        assert call(server, "POST", "/v1/postline/labels", json=PARCEL).json() == made


def test_label_says_who_what_and_where(server: CarrierServer) -> None:
    made = call(server, "POST", "/v1/postline/labels", json=PARCEL).json()
    pdf = requests.get(f"{server.url}/labels/{made['id']}.pdf", timeout=10).content
    page = zlib.decompress(pdf.split(b"stream\n")[1].split(b"\nendstream")[0])
    for text in (made["tracking_number"], "7KQ2-9F4M-X-S1", r"Zoë \(Müller\)", "1.20 kg"):
        assert f"({text})".encode("cp1252") in page.replace(b"(Ref. ", b"(")
    assert b"2 x Teapot \\(691110\\)" in page


def test_pdf_is_whole(server: CarrierServer) -> None:
    made = call(server, "POST", "/v1/postline/labels", json=PARCEL).json()
    pdf = requests.get(f"{server.url}/labels/{made['id']}.pdf", timeout=10).content
    start = int(pdf.rsplit(b"startxref\n", 1)[1].split(b"\n")[0])
    rows = pdf[start:].split(b"\n")[3:9]
    for number, row in enumerate(rows, start=1):
        offset = int(row.split()[0])
        assert pdf[offset:].startswith(b"%d 0 obj" % number)


def test_bars_hold_start_check_and_stop() -> None:
    # The handbooks' example: check symbol 54 after start A, so 55 after start B.
    widths = bar_widths("PJJ123C")
    assert widths[:6] == [2, 1, 1, 2, 1, 4]
    assert widths[-13:-7] == [3, 1, 1, 3, 2, 1]
    assert widths[-7:] == [2, 3, 3, 1, 1, 1, 2]
    assert sum(widths) == 11 * 9 + 13


def test_check_digit_is_the_postal_unions() -> None:
    assert check_digit("47312482") == 9


def test_page_moves_a_parcel_and_sets_a_trouble(server: CarrierServer) -> None:
    made = call(server, "POST", "/v1/postline/labels", json=PARCEL).json()
    number = made["tracking_number"]
    press(server, f"/parcels/{number}", kind="picked_up")
    press(server, f"/parcels/{number}", kind="delayed", days="3")
    press(server, "/carriers/postline/trouble", choice="down")
    kinds = [(event["kind"], bool(event["expected_on"])) for event in server.events()]
    assert kinds == [("picked_up", False), ("delayed", True)]
    home = requests.get(server.url, timeout=10)
    assert number in home.text
    assert "Zoë (Müller)" in home.text
    assert "<script" not in home.text
    assert call(server, "GET", f"/v1/postline/tracking/{number}").status_code == 503
    assert press(server, f"/parcels/{number}", kind="delayed", days="x").status_code == 400
    assert press(server, "/parcels/NOBODY1", kind="lost").status_code == 404


def press(server: CarrierServer, path: str, **fields: str) -> requests.Response:
    return requests.post(f"{server.url}{path}", data=fields, timeout=10)


def test_it_stands_alone(tmp_path: Path) -> None:
    """It starts without Django's settings and without a room being loaded."""
    rooms = "catalog markets orders payments storefront django fulfillment.models"
    code = (
        "import sys, fulfillment.carrier_server as s;"
        f"s.CarrierServer(sys.argv[1]).start().stop();"
        f"print([name for name in {rooms.split()!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
