from typing import Any

import pytest
from django.test import RequestFactory

from storefront.client_address import client_address

PROXY = "10.0.0.2"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.7", PROXY),
        (1, "203.0.113.7", "203.0.113.7"),
        (1, "9.9.9.9, 203.0.113.7", "203.0.113.7"),
        (2, "9.9.9.9, 203.0.113.7, 198.51.100.4", "203.0.113.7"),
        (2, "203.0.113.7", PROXY),
        (1, "2001:db8::0:1", "2001:db8::1"),
        (1, "unknown", PROXY),
        (1, "9.9.9.9, <script>", PROXY),
        (1, "", PROXY),
        (1, None, PROXY),
    ],
)
def test_address_is_what_the_outermost_proxy_saw(
    settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers: dict[str, Any] = {"X-Forwarded-For": forwarded} if forwarded is not None else {}

    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR=PROXY)

    assert client_address(request) == expected


def test_address_is_unknown_behind_a_socket(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0

    assert client_address(RequestFactory().get("/", REMOTE_ADDR="")) is None
