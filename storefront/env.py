"""Reading settings from the environment: a missing or malformed value stops the start, by name."""

import os
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str | None = None) -> str:
    value = os.environ.get(name, default)
    if value is None or value == "":
        if default is not None:
            return default
        raise ImproperlyConfigured(f"The environment variable {name} is required.")
    return value


def integer(name: str, default: int) -> int:
    value = text(name, str(default))
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {value!r}.") from None


def flag(name: str, *, default: bool) -> bool:
    value = text(name, "true" if default else "false").lower()
    if value not in {"true", "false", "1", "0"}:
        raise ImproperlyConfigured(f"{name} must be true or false, not {value!r}.")
    return value in {"true", "1"}


def words(name: str, default: str = "") -> list[str]:
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def decimal(name: str, default: str) -> Decimal:
    return _decimal(name, text(name, default))


def decimals(name: str) -> dict[str, Decimal]:
    """Read "USD:0.1,TRY:0.25"."""
    pairs = (word.partition(":") for word in words(name))
    return {key.strip(): _decimal(name, value.strip()) for key, _, value in pairs}


def choice(name: str, options: tuple[str, ...], default: str) -> str:
    value = text(name, default)
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}, not {value!r}.")
    return value


def _decimal(name: str, value: str) -> Decimal:
    if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", value):
        raise ImproperlyConfigured(f"{name} must hold numbers such as 0.1, not {value!r}.")
    return Decimal(value)


def postgresql(name: str) -> dict[str, Any]:
    """Read a `postgresql://user:password@host:port/database` address as Django's settings.

    `?host=/folder` names a Unix socket's folder; other query fields become connection options.
    """
    parts = urlsplit(text(name))
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must start with postgresql://, not {parts.scheme}://.")
    query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", None) or parts.hostname or "",
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
    }


def redis(name: str) -> tuple[str, str]:
    """Read a Redis address; give it as Django's cache and as Celery's broker want it, without db.

    Accepts `redis://`, `rediss://` and `unix:///path`.
    """
    address = text(name)
    parts = urlsplit(address)
    if parts.scheme == "unix":
        return f"unix://{parts.path}?db=", f"redis+socket://{parts.path}?virtual_host="
    if parts.scheme in {"redis", "rediss"}:
        base = f"{parts.scheme}://{parts.netloc}/"
        return base, base
    raise ImproperlyConfigured(f"{name} must start with redis://, rediss:// or unix://.")
