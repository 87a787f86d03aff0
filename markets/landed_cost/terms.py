"""The words of landed cost: what crosses a border, the rows of law in force, and the answer.

Amounts are Decimals in major units of the currency beside them. Rows are those of one day and one
destination; every row carries its name ("dutyrate:3"), which an answer repeats.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cached_property
from typing import Protocol

Shares = tuple[tuple[str, Decimal], ...]  # The keys of goods, and each one's part of an amount.


class Located(Protocol):
    """A place in a country; the tax engine's `Place` is one."""

    @property
    def country(self) -> str: ...


class Basis(StrEnum):
    """What customs values: the goods alone, or the goods with freight and insurance."""

    CIF = "cif"
    FOB = "fob"


class Formula(StrEnum):
    STANDARD = "standard"
    BRAZIL = "brazil"
    MEXICO = "mexico"
    JAPAN = "japan"
    CHINA = "china"
    CANADA = "canada"


class DutyKind(StrEnum):
    AD_VALOREM = "ad_valorem"
    PER_UNIT = "per_unit"
    PER_HEADING = "per_heading"


class FeePer(StrEnum):
    PARCEL = "parcel"
    HEADING = "heading"
    LINE = "line"


class CostKind(StrEnum):
    DUTY = "duty"
    FEE = "fee"  # A state's.
    CLEARANCE = "clearance"  # A carrier's.


class DutyNote(StrEnum):
    """Why an answer may not be the last word."""

    NO_RULE = "no_rule"  # No import rule of the destination is known.
    NO_RATE = "no_rate"  # Duty is due on goods that no row has a rate for.
    NO_HS_CODE = "no_hs_code"  # Goods without a code count as a heading of their own.
    NO_ORIGIN = "no_origin"  # Duty depends on where goods were made, and of some nobody has said.
    ABOVE_FORMULA = "above_formula"  # Worth more than the simplified procedure takes.


@dataclass(frozen=True)
class CustomsGoods:
    """A line, or its part in one parcel: `amount` is net of tax, for all units, after discounts."""

    key: str
    amount: Decimal
    quantity: int = 1
    hs_code: str = ""
    origin: str = ""
    weight_grams: int = 0

    @property
    def heading(self) -> str:
        """The six digits that are the same worldwide; goods without a code stand alone."""
        return self.hs_code[:6] or f"?{self.key}"


@dataclass(frozen=True)
class CustomsParcel:
    """What crosses a border together; amounts in `currency`, `scheme` names who takes the tax.

    `freight` and `insurance` are the parcel's part, net of tax. The scheme is "" where the tax is
    due at the border, else as in the tax engine: "ioss", "uk", …
    """

    ship_from: Located
    ship_to: Located
    goods: tuple[CustomsGoods, ...]
    currency: str
    on: date
    freight: Decimal = Decimal(0)
    insurance: Decimal = Decimal(0)
    scheme: str = ""

    @property
    def value(self) -> Decimal:
        """The goods' own (intrinsic) value, without freight and insurance."""
        return sum((goods.amount for goods in self.goods), Decimal(0))


@dataclass(frozen=True)
class Band:
    """A step of a simplified procedure: `percent` of the value less `minus`, up to a value."""

    percent: Decimal
    up_to: Decimal | None = None
    minus: Decimal = Decimal(0)


@dataclass(frozen=True)
class Factors:
    """What a formula needs beside the rule; amounts in the rule's currency."""

    bands: tuple[Band, ...] = ()
    value_factor: Decimal = Decimal(1)  # Japan values what a person imports at 60 % of its price.
    tax_factor: Decimal = Decimal(1)  # China takes 70 % of its taxes.
    tax_inside: bool = False  # The tax is part of its own base, as Brazil's ICMS is.
    covers_tax: bool = False  # The flat rate has the tax inside, as Mexico's has.
    value_to: Decimal | None = None  # Up to which value the formula holds.


@dataclass(frozen=True)
class ImportTerms:
    """An import rule in force. Limits include their amount: worth exactly that is free."""

    row: str
    destination: str
    origins: frozenset[str]  # Sent from these countries; empty is any other.
    basis: Basis
    tax_basis: Basis
    formula: Formula
    currency: str
    duty_free_to: Decimal | None = None
    tax_free_to: Decimal | None = None
    limits_on_customs_value: bool = False  # Else on the goods' own value.
    never_free: tuple[str, ...] = ()  # HS prefixes that no limit frees.
    refundable: bool = True
    factors: Factors = field(default_factory=Factors)


@dataclass(frozen=True)
class DutyLayer:
    """A rate of duty in force; in each group the row nearest to the goods counts."""

    row: str
    destination: str
    label: str
    kind: DutyKind
    group: str
    hs_prefix: str = ""
    origin: str = ""
    percent: Decimal = Decimal(0)
    amount: Decimal = Decimal(0)  # A unit's or heading's duty, or an ad valorem rate's least.
    currency: str = ""
    no_stack_with: frozenset[str] = frozenset()
    alone: bool = False  # In place of all other layers, as the EU's flat duty.
    value_to: Decimal | None = None  # Only for parcels whose goods are worth up to this.
    scheme: str = ""  # Only in this scheme; empty is all.


@dataclass(frozen=True)
class Fee:
    """A state's fee on an import."""

    row: str
    destination: str
    kind: str
    label: str
    per: FeePer
    amount: Decimal
    currency: str
    taxable: bool = False
    value_to: Decimal | None = None
    value_currency: str = ""  # Of `value_to`; empty is the fee's own.
    refundable: bool = False
    gives_way: bool = False  # To a fee of the same kind of the customs union.


@dataclass(frozen=True)
class LaneTerms:
    """Who pays at the border on a lane of a market, and what its carrier takes for clearing.

    `unknown_duty` is what becomes of a promised duty that no row has a rate for: `dap`, `bear` or
    `refuse`. `duty_refund` is whether duty comes back with the goods: `by_row` is as its own row
    says, else `never`, `always`, or `within` so many days.
    """

    row: str
    terms: str  # "ddp" or "dap"
    origin: str = ""
    destination: str = ""
    clearance_fee: Decimal = Decimal(0)
    currency: str = ""
    clearance_taxable: bool = False
    unknown_duty: str = "dap"
    duty_refund: str = "by_row"
    duty_refund_days: int | None = None


@dataclass(frozen=True)
class DutyTables:
    """The rows in force for a destination and a day."""

    destination: str
    on: date
    rules: tuple[ImportTerms, ...] = ()
    layers: tuple[DutyLayer, ...] = ()
    fees: tuple[Fee, ...] = ()
    lanes: tuple[LaneTerms, ...] = ()  # One market's.
    territories: Mapping[str, str] = field(default_factory=dict)  # Country to customs union.

    @cached_property
    def layers_by_prefix(self) -> Mapping[str, tuple[DutyLayer, ...]]:
        """The layers by the HS prefix that they are for: a tariff has thousands."""
        found: dict[str, list[DutyLayer]] = {}
        for layer in self.layers:
            found.setdefault(layer.hs_prefix, []).append(layer)
        return {prefix: tuple(layers) for prefix, layers in found.items()}

    @cached_property
    def asks_for_origin(self) -> bool:
        return any(layer.origin for layer in self.layers)

    def territory(self, country: str) -> str:
        """Name the customs territory of a country: "EU" for FR, "US" for US."""
        return self.territories.get(country, country)

    def is_import(self, ship_from: str, ship_to: str) -> bool:
        """Tell whether goods cross a customs border between two countries."""
        return self.territory(ship_from) != self.territory(ship_to)


@dataclass(frozen=True)
class DutyComponent:
    """An amount of the answer with the row that made it; `shares` add up to the amount.

    `label` is the row's own name, for staff; shoppers are told in words by `code`.
    `taxable_base` is the part of it that import tax is due on: all or nothing of it. `currency`
    is that of the row's fixed amount, empty where it has none.
    """

    label: str
    amount: Decimal
    row: str
    taxable_base: Decimal
    refundable: bool
    kind: CostKind = CostKind.DUTY
    percent: Decimal = Decimal(0)
    shares: Shares = ()
    code: str = "duty"
    currency: str = ""


@dataclass(frozen=True)
class DutyAnswer:
    """What a parcel owes at the border beside the tax, in the parcel's currency.

    Its components never depend on who pays them; `lane` tells that. `tax_base` is what import tax
    is due on: the value by the tax's basis and `tax_base_additions`.
    With mixed tax rates `tax_base_shares` tells each line's part; they add up to it. The tax is
    `tax_base * rate * tax_factor`, or `tax_base * rate / (1 - rate) * tax_factor` where
    `tax_inside`, or nothing where `tax_free`.
    """

    customs_value: Decimal
    components: tuple[DutyComponent, ...]
    tax_base_additions: Decimal
    tax_base: Decimal
    tax_base_shares: Shares
    duty_free: bool
    tax_free: bool
    formula: Formula
    rule: str  # The import rule's row; "" none.
    tax_factor: Decimal = Decimal(1)
    tax_inside: bool = False
    lane: LaneTerms | None = None  # None where nobody has said who pays: then it is an estimate.
    notes: tuple[DutyNote, ...] = ()

    @property
    def is_duty_known(self) -> bool:
        return DutyNote.NO_RATE not in self.notes

    @property
    def duty(self) -> Decimal:
        return self._sum(CostKind.DUTY)

    @property
    def fees(self) -> Decimal:
        return self._sum(CostKind.FEE) + self._sum(CostKind.CLEARANCE)

    def _sum(self, kind: CostKind) -> Decimal:
        amounts = (part.amount for part in self.components if part.kind is kind)
        return sum(amounts, Decimal(0))
