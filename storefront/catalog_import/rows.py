"""What a file says, once it is understood. None stands for what a file does not speak of."""

from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, order=True)
class RowError:
    """Why a row is left out; `line` is the one of the file that the row begins on."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        place = f"line {self.line}, {self.column}" if self.column else f"line {self.line}"
        return f"{place}: {self.reason}"


class BadValue(ValueError):
    """A cell that cannot be used; the message is its reason in plain words."""


@dataclass(frozen=True)
class ImportedVariant:
    line: int
    sku: str
    price: Decimal
    currency: str
    cost: Decimal | None = None
    barcode: str | None = None
    weight_grams: int | None = None
    hs_code: str | None = None
    origin_country: str | None = None
    tax_category: str | None = None
    options: tuple[tuple[str, str], ...] = ()
    picture: str | None = None
    stock: int | None = None


@dataclass(frozen=True)
class ImportedPicture:
    url: str
    alt: str = ""


@dataclass(frozen=True)
class ImportedProduct:
    key: str
    title: str
    variants: tuple[ImportedVariant, ...]
    lines: tuple[int, ...]
    description: str | None = None
    brand: str | None = None
    category: str | None = None
    status: str | None = None
    pictures: tuple[ImportedPicture, ...] = ()


@dataclass(frozen=True)
class Parsed:
    """The products of a file that can be imported, and every row that cannot.

    `notes` are remarks on the file as a whole; they keep nothing from being imported.
    """

    products: tuple[ImportedProduct, ...]
    errors: tuple[RowError, ...]
    notes: tuple[str, ...] = field(default=())
