"""Whether a quote may be used: the one place that decides it, pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import Enum

from markets.models import RateProblem
from markets.money import UnknownCurrency, exponent

RATE_LIMIT = Decimal(10) ** 10  # What the column holds.
EIGHT_PLACES = Decimal("1E-8")


class Outcome(Enum):
    ACCEPT = "accept"
    QUARANTINE = "quarantine"
    NOTHING_NEW = "nothing new"


@dataclass(frozen=True)
class Quote:
    """Units of `currency` per one `base`; no rate where the sheet has the currency no more."""

    base: str
    currency: str
    rate: Decimal | None
    as_of: date


@dataclass(frozen=True)
class LastQuote:
    rate: Decimal
    as_of: date


@dataclass(frozen=True)
class Policy:
    """What is held against a quote: a move of more than `band` (0.10 is ten per cent), an older
    day. A provider's settled history is taken without a band, and fills gaps.
    """

    band: Decimal | None
    fills_gaps: bool = False


@dataclass(frozen=True)
class Verdict:
    """What becomes of a quote, and why; the detail is figures only, for people of any language."""

    outcome: Outcome
    problem: RateProblem | None = None
    detail: str = ""


def judge(quote: Quote, last_accepted: LastQuote | None, policy: Policy) -> Verdict:
    """Decide on a provider's quote by the last of the same currency that was accepted from it.

    A currency that is missing stores nothing: the last good quote stays in force.
    """
    pair = f"{quote.base}/{quote.currency}"
    if quote.rate is None:
        return Verdict(Outcome.NOTHING_NEW, RateProblem.MISSING, f"{pair} {quote.as_of}")
    said = f"{pair} {quote.rate} ({quote.as_of})"
    if not _is_known(quote.currency):
        return Verdict(Outcome.QUARANTINE, RateProblem.UNKNOWN, said)
    rate = usable(quote.rate)
    if rate is None or quote.currency == quote.base:
        return Verdict(Outcome.QUARANTINE, RateProblem.INVALID, said)
    if last_accepted is None:
        return Verdict(Outcome.ACCEPT)
    before = f"{said}; {last_accepted.rate.normalize():f} ({last_accepted.as_of})"
    if quote.as_of == last_accepted.as_of:
        if rate == last_accepted.rate:
            return Verdict(Outcome.NOTHING_NEW)
        return Verdict(Outcome.QUARANTINE, RateProblem.CHANGED, before)
    if quote.as_of < last_accepted.as_of and not policy.fills_gaps:
        return Verdict(Outcome.QUARANTINE, RateProblem.OLDER, before)
    move = rate - last_accepted.rate
    if policy.band is not None and abs(move) > policy.band * last_accepted.rate:
        percent = move / last_accepted.rate * 100
        return Verdict(Outcome.QUARANTINE, RateProblem.JUMP, f"{before}; {percent:+.1f} %")
    return Verdict(Outcome.ACCEPT)


def usable(rate: Decimal) -> Decimal | None:
    """Give a rate to eight places as it is kept, or None where it is no positive number."""
    if not rate.is_finite() or not 0 < rate < RATE_LIMIT:
        return None
    kept = rate.quantize(EIGHT_PLACES)
    return kept if 0 < kept < RATE_LIMIT else None


def _is_known(currency: str) -> bool:
    try:
        exponent(currency)
    except UnknownCurrency:
        return False
    return True
