"""Asking the API in tests."""

import json
from typing import Any

from django.test import Client


def get(client: Client, path: str, /, **asked: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/{path}", asked)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def post(client: Client, path: str, body: Any, /, **asked: Any) -> Any:
    raw = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(f"/api/v1/{path}", raw, content_type="application/json", query_params=asked)


def quote(client: Client, market: str, body: dict[str, Any], /, **asked: Any) -> dict[str, Any]:
    answer = post(client, f"markets/{market}/quote/", body, **asked)
    assert answer.status_code == 200, answer.content
    return dict(answer.json())


def faults(answer: Any) -> list[str]:
    """List the places that a problem names."""
    return [row.get("parameter") or row["pointer"] for row in answer.json()["errors"]]
