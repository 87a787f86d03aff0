"""The adapter of a carrier, by the code in its row."""

from collections.abc import Callable

from django.conf import settings

from fulfillment.carriers.base import CarrierAdapter
from fulfillment.carriers.simulated import SimulatedCarrier
from fulfillment.models import Carrier

SIMULATED = "simulated"


def find_adapter(carrier: Carrier) -> CarrierAdapter | None:
    """Give a carrier's adapter; None without one, or without an address in the settings.

    Such a carrier goes on by hand: people buy the labels and enter the numbers.
    """
    make = _ADAPTERS.get(carrier.adapter)
    return make(carrier) if make else None


def adapter_codes() -> list[str]:
    """List the adapters that a carrier's row may name."""
    return sorted(_ADAPTERS)


def adapters_ready() -> list[str]:
    """List the adapters that have what they need in the settings."""
    return [SIMULATED] if settings.SIMULATED_CARRIER_URL else []


def _simulated(carrier: Carrier) -> CarrierAdapter | None:
    if not settings.SIMULATED_CARRIER_URL:
        return None
    return SimulatedCarrier(
        code=carrier.code,
        url=settings.SIMULATED_CARRIER_URL,
        key=settings.SIMULATED_CARRIER_KEY,
        secret=settings.SIMULATED_CARRIER_SECRET,
        connect_seconds=settings.CARRIER_CONNECT_SECONDS,
        read_seconds=settings.CARRIER_READ_SECONDS,
    )


_ADAPTERS: dict[str, Callable[[Carrier], CarrierAdapter | None]] = {SIMULATED: _simulated}
