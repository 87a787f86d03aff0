from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from markets.tax import Buyer, NoTaxRate, Note, Parcel, Place, Regime, TaxBasket, TaxTables
from tests.markets.tax.law import TABLES, asked, basket, duties, goods, law, registration

D = Decimal
OSS = registration("union_oss", "NL")
IOSS = registration("ioss", "NL")
GERMAN = registration("domestic", "DE")
FRENCH_BUYER = Buyer(True, "FR40303265045", "FR", tax_id_valid=True)


def regime_of(question: TaxBasket, tables: TaxTables) -> tuple[Regime, str, Decimal]:
    """Give the regime, whose rates, and the tax."""
    answer = asked(question, tables)
    (parcel,) = answer.parcels
    return parcel.regime, str(parcel.jurisdiction), answer.tax


def one(amount: str = "119", **fields: Any) -> TaxBasket:
    return basket(goods(amount), **fields)


def test_sale_at_home_is_domestic() -> None:
    assert regime_of(one(), law(GERMAN)) == (Regime.DOMESTIC, "DE", D("19.00"))


def test_sale_within_the_eu_is_taxed_by_the_one_stop_shop() -> None:
    answer = asked(one("120", to="FR"), law(GERMAN, OSS))
    (parcel,) = answer.parcels
    assert (parcel.regime, parcel.registration_id, answer.tax) == (Regime.OSS, OSS.id, D("20.00"))


def test_sale_below_the_threshold_is_taxed_at_origin() -> None:
    assert regime_of(one(to="FR"), law(GERMAN)) == (Regime.ORIGIN, "DE", D("19.00"))
    steps = {step.rule: (step.held, step.why) for step in asked(one(to="FR"), law(GERMAN))
             .parcels[0].trace}  # fmt: skip
    assert steps["oss"] == (False, "not_registered")
    assert steps["domestic"] == (False, "other_country")


@pytest.mark.parametrize(
    ("turnover", "expected"), [("10000", Regime.ORIGIN), ("10000.01", Regime.OSS)]
)
def test_one_stop_shop_begins_above_its_threshold(turnover: str, expected: Regime) -> None:
    late = replace(OSS, is_voluntary=False)
    question = one(to="FR", area_turnover=D(turnover))
    assert asked(question, law(GERMAN, late)).parcels[0].regime is expected
    known = replace(law(GERMAN, late), area_turnover=D(turnover))
    assert asked(one(to="FR"), known).parcels[0].regime is expected
    unregistered = asked(question, law(GERMAN))
    assert unregistered.parcels[0].regime is expected
    missing = "registration_missing" in [note.code for note in unregistered.notes]
    assert missing is (expected is Regime.OSS)


def test_local_number_taxes_where_there_is_no_one_stop_shop() -> None:
    tables = law(GERMAN, registration("domestic", "FR"))
    assert regime_of(one("120", to="FR"), tables) == (Regime.DOMESTIC, "FR", D("20.00"))


def test_valid_number_of_another_member_state_reverses_the_charge() -> None:
    question = one("100", to="FR", buyer=FRENCH_BUYER, prices_include_tax=False)
    answer = asked(question, law(GERMAN, OSS))
    assert answer.parcels[0].regime is Regime.REVERSE_CHARGE
    assert (answer.tax, answer.gross) == (D("0.00"), D("100.00"))
    assert [note.code for note in answer.notes] == ["reverse_charge"]


@pytest.mark.parametrize(
    ("buyer", "why"),
    [
        (Buyer(), "consumer"),
        (replace(FRENCH_BUYER, tax_id_valid=False), "number_not_valid"),
        (replace(FRENCH_BUYER, tax_id_country="DE"), "number_of_origin"),
        (replace(FRENCH_BUYER, tax_id_country="US"), "number_of_other_area"),
    ],
)
def test_charge_stays_where_the_number_does_not_hold(buyer: Buyer, why: str) -> None:
    answer = asked(one("120", to="FR", buyer=buyer), law(GERMAN, OSS))
    assert answer.parcels[0].regime is Regime.OSS
    steps = {step.rule: (step.held, step.why) for step in answer.parcels[0].trace}
    assert steps["reverse_charge"] == (False, why)


def test_domestic_business_pays_tax_as_usual() -> None:
    buyer = Buyer(True, "DE136695976", "DE", tax_id_valid=True)
    assert regime_of(one(buyer=buyer), law(GERMAN)) == (Regime.DOMESTIC, "DE", D("19.00"))


@pytest.mark.parametrize(
    ("amount", "expected"), [("150", Regime.IOSS), ("150.01", Regime.IMPORT_DDP)]
)
def test_ioss_ends_above_its_limit(amount: str, expected: Regime) -> None:
    question = one(amount, to="FR", ship_from="GB", prices_include_tax=False)
    assert asked(question, law(IOSS)).parcels[0].regime is expected


def test_limit_is_of_the_value_without_the_tax_inside() -> None:
    inside = one("180", to="FR", ship_from="GB")
    assert asked(inside, law(IOSS)).parcels[0].regime is Regime.IOSS
    above = one("180.05", to="FR", ship_from="GB")
    assert asked(above, law(IOSS)).parcels[0].regime is Regime.IMPORT_DDP


def test_limit_converts_to_its_own_currency() -> None:
    question = one("120", to="FR", ship_from="GB", currency="GBP", prices_include_tax=False)
    assert asked(question, law(IOSS)).parcels[0].regime is Regime.IOSS  # 150 EUR
    question = replace(question, currency="CHF", parcels=basket(goods("151")).parcels)
    question = replace(
        question, parcels=tuple(replace(p, ship_from=Place("GB")) for p in question.parcels)
    )
    assert asked(question, law(IOSS)).parcels[0].regime is Regime.IMPORT_DDP


def test_ioss_is_not_for_businesses() -> None:
    question = one("100", to="FR", ship_from="GB", buyer=FRENCH_BUYER, prices_include_tax=False)
    assert asked(question, law(IOSS)).parcels[0].regime is Regime.IMPORT_DDP


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("135", Regime.UK_CONSIGNMENT), ("135.01", Regime.IMPORT_DDP)],
)
def test_british_consignment_rule_ends_at_135(amount: str, expected: Regime) -> None:
    question = one(amount, to="GB", currency="GBP", prices_include_tax=False)
    assert asked(question, law(registration("uk_import", "GB"))).parcels[0].regime is expected


def test_british_business_accounts_for_small_consignments() -> None:
    buyer = Buyer(True, "GB980780684", "GB", tax_id_valid=True)
    tables = law(registration("uk_import", "GB"))
    question = one("100", to="GB", currency="GBP", prices_include_tax=False, buyer=buyer)
    answer = asked(question, tables)
    assert answer.parcels[0].regime is Regime.REVERSE_CHARGE
    assert next(note.code for note in answer.notes) == "reverse_charge_import"


def test_northern_ireland_follows_the_eu_for_goods() -> None:
    belfast = Place("GB", postal_code="bt1 5gs")
    assert regime_of(one("120", to=belfast), law(GERMAN, OSS)) == (Regime.OSS, "XI", D("20.00"))
    british = law(registration("domestic", "GB"))
    assert regime_of(one("120", to=belfast, ship_from="GB"), british) == (
        Regime.DOMESTIC, "XI", D("20.00"),
    )  # fmt: skip
    assert regime_of(one("120", to=Place("GB", postal_code="SW1A 1AA")), law())[0] is (
        Regime.IMPORT_DDP
    )


@pytest.mark.parametrize(
    ("country", "postal_code", "expected"),
    [
        ("ES", "35001", Regime.EXPORT),
        ("ES", "٣٥ ٠٠١", Regime.EXPORT),
        ("ES", "28001", Regime.OSS),
        ("FR", "97400", Regime.EXPORT),
        ("FR", "75001", Regime.OSS),
        ("FR", "97700", Regime.OSS),
        ("MC", "98000", Regime.OSS),
    ],
)
def test_special_territories_are_found_by_postal_code(
    country: str, postal_code: str, expected: Regime
) -> None:
    tables = law(GERMAN, OSS)
    question = one("121", to=Place(country, postal_code=postal_code))
    assert asked(question, tables).parcels[0].regime is expected


@pytest.mark.parametrize(
    ("scheme", "to", "amount", "expected"),
    [
        ("ch_mail_order", "CH", "5000", Regime.LOW_VALUE_SCHEME),
        ("no_voec", "NO", "300", Regime.LOW_VALUE_SCHEME),
        ("no_voec", "NO", "300.01", Regime.IMPORT_DDP),
        ("au_vendor", "AU", "500", Regime.LOW_VALUE_SCHEME),
        ("au_vendor", "AU", "500.01", Regime.IMPORT_DDP),
    ],
)
def test_low_value_schemes_hold_up_to_their_limits(
    scheme: str, to: str, amount: str, expected: Regime
) -> None:
    """Limits of 3,000 NOK an item and 1,000 AUD a consignment; none in Switzerland."""
    question = one(amount, to=to, prices_include_tax=False)
    assert asked(question, law(registration(scheme, to))).parcels[0].regime is expected


def test_norwegian_limit_is_per_item() -> None:
    tables = law(registration("no_voec", "NO"))
    pair = basket(goods("600", quantity=2), to="NO", prices_include_tax=False)
    assert asked(pair, tables).parcels[0].regime is Regime.LOW_VALUE_SCHEME
    single = basket(goods("600"), to="NO", prices_include_tax=False)
    assert asked(single, tables).parcels[0].regime is Regime.IMPORT_DDP


def test_american_states_tax_only_with_nexus() -> None:
    tables = law(registration("sales_tax", "US", "NY"))
    usa = {"ship_from": "US-NJ", "currency": "USD", "prices_include_tax": False}
    assert regime_of(one("100", to="US-NY", **usa), tables) == (
        Regime.SALES_TAX, "US-NY", D("4.00"),
    )  # fmt: skip
    assert regime_of(one("100", to="US-MA", **usa), tables) == (
        Regime.NO_NEXUS, "US-MA", D("0.00"),
    )  # fmt: skip


def test_unknown_state_is_not_sold_to_even_without_nexus() -> None:
    with pytest.raises(NoTaxRate, match="US-ZZ"):
        asked(one("100", to="US-ZZ", ship_from="US-NJ", prices_include_tax=False), law())


def test_sale_within_an_origin_state_is_taxed_where_it_is_sent_from() -> None:
    tables = law(registration("sales_tax", "US", "TX"))
    question = one("100", to=Place("US", "TX", "75001"), ship_from=Place("US", "TX", "73301"),
                   prices_include_tax=False)  # fmt: skip
    assert asked(question, tables).parcels[0].jurisdiction == Place("US", "TX", "73301")


def test_without_a_legal_entity_tax_is_taken_everywhere() -> None:
    anybody = replace(TABLES, legal_entity_id=None)
    for to, expected in (
        ("FR", Regime.OSS),
        ("US-NY", Regime.SALES_TAX),
        ("GB", Regime.IMPORT_DDP),
    ):
        answer = asked(one("100", to=to, prices_include_tax=False), anybody)
        assert answer.parcels[0].regime is expected
        assert answer.tax > 0


def test_missing_registration_is_told_and_tax_is_taken() -> None:
    answer = asked(one(), law())
    assert (answer.tax, [note.code for note in answer.notes]) == (
        D("19.00"), ["registration_missing"],
    )  # fmt: skip


def test_duty_on_a_sale_to_america_is_told_by_its_terms() -> None:
    tables = law(
        registration("sales_tax", "US", "NY"), duties=duties("US", lane="dap", currency="USD")
    )
    question = one("100", to="US-NY", ship_from="DE", currency="USD", prices_include_tax=False)
    answer = asked(question, tables)
    assert (answer.parcels[0].regime, answer.parcels[0].terms) == (Regime.SALES_TAX, "dap")
    assert (answer.tax, answer.gross) == (D("4.00"), D("104.00"))


def test_parcels_of_one_order_have_each_their_regime() -> None:
    question = basket(
        to="FR",
        parcels=(
            Parcel(Place("DE"), (goods("120", key="1"),)),
            Parcel(Place("GB"), (goods("60", key="2"),)),
        ),
    )
    answer = asked(question, law(GERMAN, OSS, IOSS))
    assert [parcel.regime for parcel in answer.parcels] == [Regime.OSS, Regime.IOSS]
    assert [(part.parcel, part.tax) for part in answer.components] == [
        (0, D("20.00")), (1, D("10.00")),
    ]  # fmt: skip


def test_goods_from_northern_ireland_are_at_home_in_great_britain() -> None:
    belfast = Place("GB", postal_code="BT1 5GS")
    tables = law(registration("domestic", "GB"))
    answer = asked(one("120", to="GB", ship_from=belfast, home=Place("GB")), tables)
    (parcel,) = answer.parcels
    assert (parcel.regime, answer.tax, answer.notes) == (Regime.DOMESTIC, D(20), ())
    assert parcel.registration_id == tables.registrations[0].id


def test_tax_of_a_province_wants_a_number_of_its_own() -> None:
    question = one("100", to="CA-BC", ship_from="CA-ON", currency="CAD", prices_include_tax=False)
    gst = registration("gst", "CA")
    missing = Note("registration_missing", (("place", "CA-BC"),))
    answer = asked(question, law(gst))
    assert (answer.tax, answer.notes) == (D(12), (missing,))
    assert asked(question, law(gst, registration("pst", "CA", "BC"))).notes == ()
    assert asked(replace(question, ship_to=Place("CA", "ON")), law(gst)).notes == ()
