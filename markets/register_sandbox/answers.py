"""The answers of VIES and of HMRC, word by word, for the outcome of a number."""

from datetime import UTC, datetime
from typing import Any

Answer = tuple[int, dict[str, Any]]


def vies_answer(question: dict[str, Any], outcome: str, *, now: datetime) -> Answer:
    """Answer `check-vat-number`; errors come with the status 200, as VIES sends them."""
    if outcome == "down":
        error = {"actionSucceed": False, "errorWrappers": [{"error": "MS_UNAVAILABLE"}]}
        return 200, error
    country, number = str(question.get("countryCode")), str(question.get("vatNumber"))
    is_valid = outcome in {"valid", "slow"}
    asked_by = question.get("requesterNumber")
    return 200, {
        "countryCode": country,
        "vatNumber": number,
        "requestDate": _moment(now),
        "valid": is_valid,
        "requestIdentifier": f"TEST{number}" if asked_by and is_valid else "",
        "name": f"Example {country} {number}" if is_valid else "---",
        "address": "1 Example Street" if is_valid else "---",
    }


def hmrc_answer(number: str, requester: str, outcome: str, *, now: datetime) -> Answer:
    """Answer a look-up of "Check a UK VAT number"."""
    if outcome == "down":
        return 503, {"code": "SERVER_ERROR", "message": "Service unavailable"}
    if outcome == "invalid":
        return 404, {
            "code": "NOT_FOUND",
            "message": "targetVrn does not match a registered company",
        }
    proof = {"requester": requester, "consultationNumber": f"TEST-{number}"} if requester else {}
    address = {"line1": "1 Example Street", "postcode": "AA1 1AA", "countryCode": "GB"}
    return 200, {
        "target": {"name": f"Example GB {number}", "vatNumber": number, "address": address},
        "processingDate": _moment(now),
        **proof,
    }


def token_answer() -> Answer:
    return 200, {"access_token": "sandbox", "token_type": "bearer", "expires_in": 14_400}


def _moment(now: datetime) -> str:
    return now.astimezone(UTC).isoformat(timespec="milliseconds")
