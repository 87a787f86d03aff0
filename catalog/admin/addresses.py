from typing import Any

from django.db.models import URLField
from django.http import HttpRequest


class SecureByDefault:
    """An address that is typed without a scheme is taken for one with https."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
