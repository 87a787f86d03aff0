"""What a basket is taxed, with the reason for every part of it."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Literal

from markets.tax.arithmetic import Balanced, RateTotal
from markets.tax.basket import Place

Terms = Literal["ddp", "dap", ""]


class ComponentKind(StrEnum):
    GOODS = "goods"
    SHIPPING = "shipping"
    DUTY = "duty"
    FEE = "fee"


class Regime(StrEnum):
    """Why a parcel is taxed as it is, and where what was collected is declared."""

    DOMESTIC = "domestic"
    OSS = "oss"
    ORIGIN = "origin"
    IOSS = "ioss"
    UK_CONSIGNMENT = "uk_consignment"
    LOW_VALUE_SCHEME = "low_value_scheme"
    IMPORT_DDP = "import_ddp"
    IMPORT_DAP = "import_dap"
    REVERSE_CHARGE = "reverse_charge"
    EXPORT = "export"
    SALES_TAX = "sales_tax"
    NO_NEXUS = "no_nexus"


@dataclass(frozen=True)
class TaxStep:
    """A rule that was tried: `held` tells whether it decided, `why` is a code with its facts."""

    rule: str
    held: bool
    why: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Note:
    """What the shopper or the invoice has to be told; `code` is worded where it is shown."""

    code: str
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TaxPart:
    """One of several taxes inside a component, such as GST beside PST."""

    name: str
    percent: Decimal
    tax: Decimal
    row: str


@dataclass(frozen=True)
class TaxComponent(Balanced):
    """A line of the answer; the components' sums are the answer's, to the minor unit.

    `row` names the dated row that made it, "taxrate:12" or "dutyrate:3", and is "" where none
    did; several taxes on one component are joined by "+" there and told apart in `parts`.
    `parcel` is the index of the basket's parcel. The `label` of a duty or fee is its row's, for
    staff; `code` says to shoppers what it is, and `currency` that of the row's fixed amount.
    """

    key: str
    parcel: int | None
    kind: ComponentKind
    label: str
    percent: Decimal
    tax_name: str
    row: str
    parts: tuple[TaxPart, ...] = ()
    refundable: bool = True
    code: str = ""
    currency: str = ""


@dataclass(frozen=True)
class ParcelAnswer:
    """How a parcel is taxed, and why; `duty_refund_days` limits when refundable duty comes back."""

    regime: Regime
    jurisdiction: Place
    registration_id: int | None
    terms: Terms
    customs_value: Decimal | None
    trace: tuple[TaxStep, ...]
    duty_refund_days: int | None = None


@dataclass(frozen=True)
class TaxAnswer(Balanced):
    """The components in the order goods, shipping, duties, fees, and what they add up to.

    `due_on_delivery` is what the carrier will ask of the buyer: estimates, in no sum here.
    """

    components: tuple[TaxComponent, ...]
    parcels: tuple[ParcelAnswer, ...]
    rates: tuple[RateTotal, ...]
    due_on_delivery: tuple[TaxComponent, ...] = ()
    notes: tuple[Note, ...] = ()
