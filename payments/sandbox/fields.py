"""What a parameter may be: small parsers that nest like the parameters do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from payments.sandbox.errors import ApiError, invalid
from payments.sandbox.form import Form


class Field(Protocol):
    """A parser of one parameter."""

    def parse(self, value: str | Form, *, path: str) -> Any:
        """Parse `value`; `path` is the parameter's name in errors."""
        ...


@dataclass(frozen=True)
class Text:
    max_length: int = 5_000

    def parse(self, value: str | Form, *, path: str) -> str:
        text = _scalar(value, path=path)
        if len(text) > self.max_length:
            raise invalid(
                f"Invalid string: {text[:20]}...; must be at most {self.max_length} characters",
                param=path,
            )
        return text


@dataclass(frozen=True)
class Integer:
    minimum: int = 0
    maximum: int = 10**15

    def parse(self, value: str | Form, *, path: str) -> int:
        text = _scalar(value, path=path)
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise invalid(f"Invalid integer: {text}", param=path, code="parameter_invalid_integer")
        number = int(text)
        if not self.minimum <= number <= self.maximum:
            raise invalid(
                f"Invalid integer: {text} must be between {self.minimum} and {self.maximum}.",
                param=path,
                code="parameter_invalid_integer",
            )
        return number


@dataclass(frozen=True)
class Boolean:
    def parse(self, value: str | Form, *, path: str) -> bool:
        text = _scalar(value, path=path)
        if text not in ("true", "false"):
            raise invalid(f"Invalid boolean: {text}", param=path)
        return text == "true"


@dataclass(frozen=True)
class Choice:
    options: Collection[str]

    def parse(self, value: str | Form, *, path: str) -> str:
        text = _scalar(value, path=path)
        if text not in self.options:
            allowed = ", ".join(sorted(self.options))
            raise invalid(f"Invalid {path}: must be one of {allowed}", param=path)
        return text


@dataclass(frozen=True)
class Url:
    def parse(self, value: str | Form, *, path: str) -> str:
        text = _scalar(value, path=path)
        if not text.startswith(("http://", "https://")):
            raise invalid("Not a valid URL", param=path, code="url_invalid")
        return text


@dataclass(frozen=True)
class Metadata:
    """Up to 50 keys of 40 characters with values of 500; an empty value removes its key."""

    def parse(self, value: str | Form, *, path: str) -> dict[str, str]:
        if value == "":
            return {}
        metadata: dict[str, str] = {}
        for key, text in _mapping(value, path=path).items():
            at = f"{path}[{key}]"
            if not isinstance(text, str):
                raise invalid("Metadata values must be strings", param=at)
            if len(key) > 40 or len(text) > 500:
                raise invalid(
                    "Metadata keys hold at most 40 characters and values at most 500", param=at
                )
            if text:
                metadata[key] = text
        if len(metadata) > 50:
            raise invalid("You can specify up to 50 keys of metadata", param=path)
        return metadata


@dataclass(frozen=True)
class ListOf:
    item: Field
    max_items: int = 100

    def parse(self, value: str | Form, *, path: str) -> list[Any]:
        if value == "":
            return []
        if isinstance(value, str) or not all(key.isdigit() for key in value):
            raise invalid("Invalid array", param=path)
        if len(value) > self.max_items:
            raise invalid(f"Array longer than {self.max_items} items", param=path)
        ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
        return [self.item.parse(item, path=f"{path}[{key}]") for key, item in ordered]


@dataclass(frozen=True)
class Either:
    """A mapping where the value is nested, else a plain value."""

    plain: Field
    nested: Nested

    def parse(self, value: str | Form, *, path: str) -> Any:
        if isinstance(value, str):
            return self.plain.parse(value, path=path)
        return self.nested.parse(value, path=path)


@dataclass(frozen=True)
class Nested:
    fields: Mapping[str, Field]
    required: Collection[str] = field(default=())

    def parse(self, value: str | Form, *, path: str = "") -> dict[str, Any]:
        mapping = _mapping(value, path=path)
        for name in mapping:
            if name not in self.fields:
                raise _unknown(_join(path, name))
        for name in self.required:
            if name not in mapping:
                missing = _join(path, name)
                raise invalid(
                    f"Missing required param: {missing}.", param=missing, code="parameter_missing"
                )
        return {
            name: self.fields[name].parse(inner, path=_join(path, name))
            for name, inner in mapping.items()
        }


def _unknown(path: str) -> ApiError:
    if path == "payment_method_types":
        return invalid(
            "payment_method_types is no longer supported on this API version; "
            "use allowed_payment_method_types.",
            param=path,
            code="payment_method_types_no_longer_supported",
        )
    return invalid(f"Received unknown parameter: {path}", param=path, code="parameter_unknown")


def _join(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _scalar(value: str | Form, *, path: str) -> str:
    if not isinstance(value, str):
        raise invalid(f"Invalid value for {path}: expected a single value", param=path)
    if value == "":
        raise invalid(
            f"You passed an empty string for '{path}'. We assume empty values are an attempt to "
            f"unset a parameter; however '{path}' cannot be unset.",
            param=path,
            code="parameter_invalid_empty",
        )
    return value


def _mapping(value: str | Form, *, path: str) -> Form:
    if isinstance(value, str):
        raise invalid("Invalid object", param=path)
    return value
