"""Failures as the API tells them."""

from __future__ import annotations


class ApiError(Exception):
    """An answer other than the one that was hoped for."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message

    @property
    def body(self) -> dict[str, object]:
        return {"error": {"code": self.code, "message": self.message}}
