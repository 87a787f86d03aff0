"""Which rates of duty lie on which goods, and what each of them comes to."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from markets.landed_cost.parts import by_heading, component, headings_of
from markets.landed_cost.terms import (
    CustomsGoods,
    CustomsParcel,
    DutyComponent,
    DutyKind,
    DutyLayer,
    DutyTables,
)

Convert = Callable[[Decimal, str, str], Decimal]  # amount, from a currency, to another

# The group of a destination's ordinary tariff; goods without a row in it have no known duty.
TARIFF = "tariff"
# Groups that shoppers know by a name of their own; what other groups take is additional duty.
_NAMED = {TARIFF: "duty", "excise": "excise", "anti-dumping": "anti_dumping"}


@dataclass(frozen=True)
class ParcelLayers:
    """Finds the layers that lie on the goods of a parcel."""

    parcel: CustomsParcel
    tables: DutyTables
    convert: Convert
    _worth: dict[str, Decimal] = field(default_factory=dict)  # The parcel's, by currency.

    def on(self, goods: CustomsGoods) -> list[DutyLayer]:
        """List the layers on some goods, one of each group, in the order of their groups.

        A layer that stands alone displaces all others. Of a group the row nearest to the goods
        counts: by the longest HS prefix, then by origin, then by country before customs union.
        A layer that does not stack with a group gives way where that group takes anything.
        """
        origin = goods.origin or self.parcel.ship_from.country
        origins = ("", origin, self.tables.territory(origin))
        by_prefix = self.tables.layers_by_prefix
        fitting = [
            layer
            for length in range(len(goods.hs_code) + 1)
            for layer in by_prefix.get(goods.hs_code[:length], ())
            if layer.origin in origins and self._is_for_parcel(layer)
        ]
        fitting = [layer for layer in fitting if layer.alone] or fitting
        nearest: dict[str, DutyLayer] = {}
        for layer in fitting:
            other = nearest.get(layer.group)
            if other is None or self._nearness(layer) > self._nearness(other):
                nearest[layer.group] = layer
        stays = _Stacking(nearest)
        return [nearest[group] for group in sorted(nearest) if stays(group)]

    def _is_for_parcel(self, layer: DutyLayer) -> bool:
        """Tell whether a layer is for the parcel's scheme and for what its goods are worth."""
        if layer.scheme not in ("", self.parcel.scheme):
            return False
        if layer.value_to is None:
            return True
        if layer.currency not in self._worth:
            self._worth[layer.currency] = self.convert(
                self.parcel.value, self.parcel.currency, layer.currency
            )
        return self._worth[layer.currency] <= layer.value_to

    def _nearness(self, layer: DutyLayer) -> tuple[int, bool, bool, bool]:
        own = layer.destination == self.parcel.ship_to.country
        return (len(layer.hs_prefix), bool(layer.origin), own, bool(layer.scheme))


def duties_of(
    layers: Sequence[tuple[CustomsGoods, Fraction, Sequence[DutyLayer]]],
    *,
    currency: str,
    convert: Convert,
    refundable: bool,
) -> list[DutyComponent]:
    """Reckon a component for each layer: goods come with their customs value and their layers."""
    lying: defaultdict[DutyLayer, list[tuple[CustomsGoods, Fraction]]] = defaultdict(list)
    for goods, value, on_it in layers:
        for layer in on_it:
            lying[layer].append((goods, value))
    return [
        component(
            _parts(layer, under, currency=currency, convert=convert),
            [goods for goods, _value in under],
            currency=currency,
            label=layer.label,
            row=layer.row,
            percent=layer.percent,
            refundable=refundable,
            code=_code(layer),
            row_currency=layer.currency if layer.amount else "",
        )
        for layer, under in lying.items()
        if layer.percent or layer.amount
    ]


def _code(layer: DutyLayer) -> str:
    if layer.kind is DutyKind.PER_HEADING:
        return "duty_per_heading"
    return _NAMED.get(layer.group.replace("_", "-"), "additional_duty")


class _Stacking:
    """Decides which groups stay; of groups that exclude each other the later one stays."""

    def __init__(self, layers: dict[str, DutyLayer]) -> None:
        self._layers = layers
        self._stays: dict[str, bool] = {}

    def __call__(self, group: str) -> bool:
        if group not in self._stays:
            self._stays[group] = False  # While it is being decided it holds nothing back.
            # Sorted: a set has another order in each process, and the answer has to be one.
            others = sorted(self._layers[group].no_stack_with)
            self._stays[group] = not any(map(self._takes, others))
        return self._stays[group]

    def _takes(self, group: str) -> bool:
        layer = self._layers.get(group)
        return layer is not None and bool(layer.percent or layer.amount) and self(group)


def _parts(
    layer: DutyLayer,
    under: Sequence[tuple[CustomsGoods, Fraction]],
    *,
    currency: str,
    convert: Convert,
) -> list[Fraction]:
    goods = [line for line, _value in under]
    if layer.kind is DutyKind.PER_HEADING:
        total = layer.amount * len(headings_of(goods))
        return by_heading(convert(total, layer.currency, currency), goods)
    if layer.kind is DutyKind.PER_UNIT:
        units = sum(line.quantity for line in goods)
        total = convert(layer.amount * units, layer.currency, currency)
        return [Fraction(total) * line.quantity / units for line in goods]
    least = Fraction(0)
    if layer.amount:
        least = Fraction(convert(layer.amount, layer.currency, currency))
    rate = Fraction(layer.percent) / 100
    return [max(least, value * rate) for _goods, value in under]
