"""The taxes of a document by rate, added up from its lines. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol


class TaxedPart(Protocol):
    """What is added up: a line of an invoice, or a part that will be one."""

    @property
    def net(self) -> Decimal: ...
    @property
    def tax(self) -> Decimal: ...
    @property
    def gross(self) -> Decimal: ...
    @property
    def percent(self) -> Decimal: ...
    @property
    def tax_name(self) -> str: ...
    @property
    def regime(self) -> str: ...
    @property
    def jurisdiction(self) -> str: ...
    @property
    def parts(self) -> Any: ...


@dataclass(frozen=True)
class RateSum:
    """One rate of one tax: what it was taken on, and what it came to."""

    name: str
    percent: Decimal
    regime: str
    jurisdiction: str
    net: Decimal
    tax: Decimal

    @property
    def gross(self) -> Decimal:
        return self.net + self.tax


def sum_by_rate(lines: Iterable[TaxedPart]) -> list[RateSum]:
    """Add up lines by tax, rate, regime and place, highest rate first.

    The taxes add up to those of the lines exactly. A line with several taxes (GST beside PST)
    has its net in each of them; one that does not name its tax has the name of its rate's others.
    """
    known = list(lines)
    names = {
        (line.percent.normalize(), line.jurisdiction): line.tax_name
        for line in known
        if line.tax_name and len(line.parts) < 2
    }
    sums: dict[tuple[str, Decimal, str, str], tuple[Decimal, Decimal]] = {}
    for line in known:
        for name, percent, tax in _taxes(line):
            named = name or names.get((percent, line.jurisdiction), "")
            key = (named, percent, line.regime, line.jurisdiction)
            net_so_far, tax_so_far = sums.get(key, (Decimal(0), Decimal(0)))
            sums[key] = (net_so_far + line.net, tax_so_far + tax)
    rows = [
        RateSum(name, percent, regime, place, net, tax)
        for (name, percent, regime, place), (net, tax) in sums.items()
    ]
    return sorted(rows, key=lambda row: (-row.percent, row.jurisdiction, row.name))


def _taxes(line: TaxedPart) -> list[tuple[str, Decimal, Decimal]]:
    if len(line.parts) < 2:
        return [(line.tax_name, line.percent.normalize(), line.tax)]
    return [
        (str(part["name"]), Decimal(str(part["percent"])).normalize(), Decimal(str(part["tax"])))
        for part in line.parts
    ]
