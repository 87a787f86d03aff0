"""Which function answers which request."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from payments.sandbox.account import Account
from payments.sandbox.fields import Nested

Params = dict[str, Any]
Handler = Callable[[Account, str, Params], dict[str, Any]]


@dataclass(frozen=True)
class Route:
    """One operation; `{id}` in `path` stands for an object's id, given to the handler."""

    method: str
    path: str
    params: Nested
    handler: Handler

    def match(self, method: str, *, path: str) -> str | None:
        """Return the id in `path` ("" for none), or None when this is another operation."""
        if method != self.method:
            return None
        found = re.fullmatch(self.path.replace("{id}", r"(?P<id>[A-Za-z0-9_]+)"), path)
        return None if found is None else found.groupdict().get("id", "")
