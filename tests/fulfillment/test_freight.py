from decimal import Decimal

from fulfillment.freight import Tariff


def _tariff(**changes: object) -> Tariff:
    fields = {"base": Decimal(4), "per_kg": Decimal(1), "max_grams": 10_000, **changes}
    return Tariff(**fields)  # type: ignore[arg-type]


def test_cost_is_base_and_kilograms_of_each_parcel() -> None:
    assert _tariff().cost(0) == Decimal(4)
    assert _tariff().cost(2_500) == Decimal("6.5")
    assert _tariff().cost(10_000) == Decimal(14)
    assert _tariff().cost(12_000) == Decimal(14 + 6)


def test_cost_goes_by_brackets_alone_where_there_are_some() -> None:
    tariff = _tariff(brackets=((1_000, Decimal(3)), (5_000, Decimal(7))))

    assert [tariff.cost(grams) for grams in (0, 1_000, 1_001, 5_000, 5_500)] == [
        Decimal(3), Decimal(3), Decimal(7), Decimal(7), Decimal(10),
    ]  # fmt: skip
    assert tariff.limit == 5_000


def test_cost_grows_by_fuel_and_by_volume() -> None:
    tariff = _tariff(fuel_percent=Decimal("12.5"), divisor=5_000)

    assert tariff.chargeable_grams(1_000, cm3=20_000) == 4_000
    assert tariff.chargeable_grams(5_000, cm3=20_000) == 5_000
    assert tariff.cost(1_000, cm3=20_000) == Decimal("9.000")


def test_co2_is_known_where_the_carrier_says_it() -> None:
    assert _tariff(co2_grams_per_kg=320).co2_grams(1_500) == 480
    assert _tariff().co2_grams(1_500) is None
