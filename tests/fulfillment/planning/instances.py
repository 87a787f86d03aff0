"""Random orders, stock and networks: from one line to ten, two warehouses to twenty."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from fulfillment.planning import Lane, Line, Network, Policy

HAZARDS = ("battery", "flammable")
# Most goods of a shop weigh little; a tenth of the lines has some that fill a parcel.
_WEIGHTS = (30, 50, 120, 120, 250, 300, 450, 800, 1_500, 6_000)
_QUANTITIES = (1, 1, 1, 1, 2, 2, 3, 4, 6, 12)


@dataclass(frozen=True)
class Instance:
    lines: tuple[Line, ...]
    stock: dict[str, dict[int, int]]
    network: Network
    policy: Policy


def draw_instance(
    chance: Random, *, lines: int | None = None, warehouses: int | None = None,
    plain: bool | None = None,
) -> Instance:  # fmt: skip
    """Draw an order. A plain one has base and kilogram costs alone, others have every term."""
    if plain is None:
        plain = chance.random() < 0.3
    wanted = tuple(
        _line(chance, variant) for variant in range(1, (lines or chance.randint(1, 10)) + 1)
    )
    codes = [f"w{n:02}" for n in range(warehouses or chance.randint(2, 20))]
    share = chance.choice((0.15, 0.3, 0.6, 0.9))
    stock = {
        code: {
            line.variant_id: chance.randint(1, chance.choice((2, 5, 30)))
            for line in wanted
            if chance.random() < share
        }
        for code in codes
    }
    for line in wanted:  # Mostly enough of everything somewhere.
        if chance.random() < 0.95:
            stock[chance.choice(codes)][line.variant_id] = line.quantity
    services = ("post", "express") if chance.random() < 0.3 else ("post",)
    lanes = [
        _lane(chance, code, service, wanted, plain=plain) for code in codes for service in services
    ]
    chance.shuffle(lanes)
    capacity: dict[str, int | None] = {}
    if not plain:
        capacity = {code: chance.choice((None,) * 8 + (0, 1, 2)) for code in codes}
    return Instance(wanted, stock, Network(tuple(lanes), capacity), _policy(chance, plain=plain))


def _line(chance: Random, variant: int) -> Line:
    weight = chance.choice(_WEIGHTS)
    return Line(
        variant_id=variant,
        quantity=chance.choice(_QUANTITIES),
        weight_grams=weight + chance.randint(0, 40),
        volume_cm3=weight * chance.randint(1, 9),
        hazards=frozenset(hazard for hazard in HAZARDS if chance.random() < 0.1),
        sku=f"S{variant}",
    )


def _cents(chance: Random, low: int, high: int) -> Decimal:
    return Decimal(chance.randint(low, high)).scaleb(-2)


def _lane(chance: Random, code: str, service: str, lines: tuple[Line, ...], *, plain: bool) -> Lane:
    base, per_kg = _cents(chance, 250, 1_500), _cents(chance, 10, 350)
    if plain:
        return Lane(code, service, base, per_kg, 31_500)
    brackets: tuple[tuple[int, Decimal], ...] = ()
    if chance.random() < 0.5:
        ends = (500, 1_000, 2_000, 5_000, 10_000, 31_500)
        brackets = (
            *tuple((end, base + per_kg * end / 2000) for end in ends if chance.random() < 0.7),
            (40000, base + per_kg * 20),
        )
    abroad = chance.random() < 0.3
    return Lane(
        code,
        service,
        base,
        per_kg,
        chance.choice((10_000, 20_000, 31_500)),
        brackets=brackets,
        volumetric_divisor=chance.choice((None, None, 5_000, 4_000)),
        late_days=chance.choice((0, 0, 0, 1, 3)),
        refused_hazards=frozenset(hazard for hazard in HAZARDS if chance.random() < 0.3),
        barred=frozenset(line.variant_id for line in lines if chance.random() < 0.03),
        per_unit={line.variant_id: _cents(chance, 0, 200) for line in lines} if abroad else {},
        per_line={line.variant_id: _cents(chance, 0, 300) for line in lines} if abroad else {},
        per_entry=_cents(chance, 0, 400) if abroad else Decimal(0),
        is_down=chance.random() < 0.05,
    )


def _policy(chance: Random, *, plain: bool) -> Policy:
    if plain:
        return Policy()
    return Policy(
        line_cost=_cents(chance, 0, 60),
        split_penalty=_cents(chance, 0, 200),
        late_penalty=Decimal(chance.choice(("1.50", "4", "100"))),
        scarcity=Decimal(chance.choice(("0", "0.50", "2"))),
        max_parcels=chance.choice((None, None, None, 2, 4)),
    )
