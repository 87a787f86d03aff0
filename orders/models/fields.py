import secrets
from decimal import Decimal
from typing import Any

from django.db import models


def new_token() -> str:
    return secrets.token_urlsafe(24)


def amount_field(verbose_name: Any) -> "models.DecimalField[Decimal, Decimal]":
    """Give a column for an amount in the currency of the row's order."""
    return models.DecimalField(verbose_name, max_digits=14, decimal_places=3)
