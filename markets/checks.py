from collections.abc import Iterable
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, register
from django.core.exceptions import ValidationError
from django.db import DEFAULT_DB_ALIAS, connections

from markets.models import Market


@register(Tags.database)
def check_price_endings(*, databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Report markets whose price endings make no prices; runs when databases are checked."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    tables = connections[DEFAULT_DB_ALIAS].introspection.table_names()
    if Market._meta.db_table not in tables:
        return []  # Before the first migration.
    problems: list[CheckMessage] = []
    for market in Market.objects.all():
        try:
            _ending = market.price_ending
        except ValidationError as error:
            problems.append(
                Error(
                    f"The price endings of market {market.code} make no prices: "
                    + " ".join(error.messages),
                    obj=market,
                    id="markets.E001",
                )
            )
    return problems
