import stat
from pathlib import Path

import pytest

from storefront.run.environment import (
    SANDBOX_KEY,
    kept_secrets,
    shop_environment,
    uses_register_sandbox,
)


@pytest.fixture(autouse=True)
def _nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        *("ENTREPOT_ENV", "SECRET_KEY", "STRIPE_SECRET_KEY", "STRIPE_API_BASE"),
        "SIMULATED_CARRIER_URL",
        *("VIES_URL", "HMRC_URL", "HMRC_CLIENT_ID", "HMRC_CLIENT_SECRET"),
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", "postgresql://mine@db/shop")
    monkeypatch.setenv("REDIS_URL", "redis://cache")


def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    file = tmp_path / "secrets"
    made = kept_secrets(file)
    assert set(made) == {
        "SECRET_KEY",
        "STRIPE_WEBHOOK_SECRET",
        "SIMULATED_CARRIER_KEY",
        "SIMULATED_CARRIER_SECRET",
    }
    assert kept_secrets(file) == made
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(made["SECRET_KEY"]) >= 50


def test_what_is_set_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "mine")
    with shop_environment(tmp_path) as made:
        assert "SECRET_KEY" not in made
        assert "DATABASE_URL" not in made
        assert "ENTREPOT_EMBEDDED" not in made
    assert not (tmp_path / "postgres").exists()


def test_sandbox_keeps_its_address(tmp_path: Path) -> None:
    with shop_environment(tmp_path) as first, shop_environment(tmp_path) as second:
        assert first["STRIPE_API_BASE"].startswith("http://127.0.0.1:")
        assert first == second
        assert first["STRIPE_SECRET_KEY"] == SANDBOX_KEY


def test_carriers_keep_their_address(tmp_path: Path) -> None:
    with shop_environment(tmp_path) as first, shop_environment(tmp_path) as second:
        assert first["SIMULATED_CARRIER_URL"].startswith("http://127.0.0.1:")
        assert first["SIMULATED_CARRIER_URL"] != first["STRIPE_API_BASE"]
        assert first == second


def test_carriers_elsewhere_need_no_server_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIMULATED_CARRIER_URL", "http://127.0.0.1:9")
    with shop_environment(tmp_path) as made:
        assert "SIMULATED_CARRIER_URL" not in made
    assert not (tmp_path / "carriers.port").exists()


def test_key_of_ones_own_needs_no_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_mine")
    with shop_environment(tmp_path) as made:
        assert "STRIPE_API_BASE" not in made


def test_production_gets_nothing_made_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENTREPOT_ENV", "production")
    monkeypatch.delenv("DATABASE_URL")
    with shop_environment(tmp_path / "var") as made:
        assert made == {}
    assert not (tmp_path / "var").exists()


def test_registers_have_a_stand_in_beside_embedded_servers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not uses_register_sandbox()
    with shop_environment(tmp_path) as made:
        assert "VIES_URL" not in made
    monkeypatch.delenv("REDIS_URL")
    assert uses_register_sandbox()
    with shop_environment(tmp_path) as made:
        address = made["HMRC_URL"]
        assert address.startswith("http://127.0.0.1:")
        assert made["VIES_URL"] == f"{address}/vies/check-vat-number"
    monkeypatch.setenv("VIES_URL", "off")
    assert not uses_register_sandbox()
    monkeypatch.delenv("VIES_URL")
    monkeypatch.setenv("ENTREPOT_ENV", "production")
    assert not uses_register_sandbox()
