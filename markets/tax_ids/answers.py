"""What a register says about a VAT id, and how often it is asked before it counts as silent."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from markets.tax_ids.http import RegisterUnreachable
from markets.tax_ids.numbers import TaxId

Outcome = Literal["valid", "invalid", "unavailable"]
Pause = Callable[[float], None]

# Between one try and the next; registers are out for moments as often as for hours.
PAUSES_SECONDS = (0.3, 0.9)


@dataclass(frozen=True)
class Answer:
    """`reason` is the register's code where the outcome is unavailable."""

    outcome: Outcome
    reason: str = ""
    name: str = ""
    address: str = ""
    requester: str = ""
    consultation_number: str = ""


class Register(Protocol):
    @property
    def code(self) -> str: ...

    def check(self, tax_id: TaxId, *, requester: TaxId | None, deadline: float) -> Answer:
        """Ask once. Raises RegisterSilent, or RegisterUnreachable, when there is no answer."""


class RegisterSilent(Exception):
    """The register answered that it cannot; `again` tells whether it might a moment later."""

    def __init__(self, reason: str, *, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.again = again


def ask_register(
    register: Register,
    tax_id: TaxId,
    *,
    requester: TaxId | None,
    seconds: float,
    pause: Pause = time.sleep,
) -> Answer:
    """Ask until there is an answer, at most three times and within some seconds in all.

    Never raises for what the other end does: silence is the outcome unavailable.
    """
    deadline = time.monotonic() + seconds
    reason = ""
    for wait in (0.0, *PAUSES_SECONDS):
        if wait:
            if time.monotonic() + wait >= deadline:
                break
            pause(wait)
        try:
            return register.check(tax_id, requester=requester, deadline=deadline)
        except RegisterUnreachable as error:
            reason = error.reason
        except RegisterSilent as error:
            reason = error.reason
            if not error.again:
                break
    return Answer("unavailable", reason=reason[:60])


def text_of(value: Any, *, length: int) -> str:
    """Give a register's text for a column: one line, no dashes for what it does not tell."""
    if not isinstance(value, str):
        return ""
    line = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return "" if not line.strip("-") else line[:length]
