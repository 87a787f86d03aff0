"""One small question to a register over HTTP, whatever the other end does."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import requests
from urllib3.exceptions import HTTPError

# An answer is a few hundred bytes.
MAX_BYTES = 65_536
_CONNECT_SECONDS = 3.05
_CHUNK_BYTES = 8_192


class RegisterUnreachable(Exception):
    """No answer that can be read; `reason` is a short code."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason} {detail}".strip())
        self.reason = reason


@dataclass(frozen=True)
class Question:
    method: Literal["GET", "POST"]
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    json: Mapping[str, str] | None = None
    form: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Reply:
    """`data` is the JSON object of the body, empty where the body is none."""

    status: int
    data: Mapping[str, Any]


def ask(question: Question, *, deadline: float) -> Reply:
    """Put a question and read the JSON object that is the answer, whatever its status.

    `deadline` is on the monotonic clock. Redirects are not followed: the question may carry a
    key. Raises RegisterUnreachable, also for a success that is no JSON object.
    """
    try:
        with requests.Session() as session:
            return _ask(session, question, deadline=deadline)
    except requests.Timeout as error:
        raise RegisterUnreachable("TIMEOUT", type(error).__name__) from error
    # A ValueError is an address that is none.
    except (requests.RequestException, HTTPError, OSError, ValueError) as error:
        raise RegisterUnreachable("NETWORK", type(error).__name__) from error


def _ask(session: requests.Session, question: Question, *, deadline: float) -> Reply:
    left = deadline - time.monotonic()
    if left <= 0:
        raise RegisterUnreachable("TIMEOUT")
    with session.request(
        question.method,
        question.url,
        json=question.json,
        data=question.form,
        timeout=(min(_CONNECT_SECONDS, left), left),
        stream=True,
        allow_redirects=False,
        # A compressed body could be far larger than what was counted on the wire.
        headers={"Accept": "application/json", "Accept-Encoding": "identity", **question.headers},
    ) as response:
        body = _body(response, deadline=deadline)
        return Reply(response.status_code, _read(body, status=response.status_code))


def _body(response: requests.Response, *, deadline: float) -> bytes:
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise RegisterUnreachable("ENCODING")
    body = b""
    # read1 returns what has arrived, so a body that drips cannot outlast the deadline unseen.
    while chunk := response.raw.read1(_CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise RegisterUnreachable("TOO_LARGE")
        if time.monotonic() > deadline:
            raise RegisterUnreachable("TIMEOUT")
    return body


def _read(body: bytes, *, status: int) -> Mapping[str, Any]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if isinstance(data, dict):
        return data
    if status < requests.codes.multiple_choices:
        raise RegisterUnreachable("MALFORMED")
    return {}
