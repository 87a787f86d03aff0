from typing import Any

import pytest

from payments.checks import check_gateways, check_stripe


def test_every_gateway_has_an_adapter() -> None:
    assert check_gateways(None) == []


@pytest.mark.parametrize(
    ("is_production", "key", "secret", "found"),
    [
        (False, "sk_test_sandbox", "x", []),
        (True, "sk_live_1", "whsec_1", []),
        (True, "sk_test_1", "whsec_1", ["payments.W001"]),
        (True, "sk_live_1", "secret", ["payments.W002"]),
    ],
)
def test_production_keys_looked_at(
    settings: Any, is_production: bool, key: str, secret: str, found: list[str]
) -> None:
    settings.PRODUCTION, settings.STRIPE_SECRET_KEY = is_production, key
    settings.STRIPE_WEBHOOK_SECRET = secret
    assert [message.id for message in check_stripe(None)] == found
