import pytest
from hypothesis import given
from hypothesis import strategies as st

from markets.tax_ids import (
    TaxIdElsewhere,
    TaxIdMalformed,
    parse_tax_id,
    prefix_of_place,
    read_tax_id,
)


@pytest.mark.parametrize(
    ("typed", "country", "postal_code", "number"),
    [
        ("DE136695976", "DE", "", "DE136695976"),
        ("de 136 695 976", "DE", "", "DE136695976"),
        ("136695976", "DE", "", "DE136695976"),
        ("DE\u2013136.695/976", "DE", "", "DE136695976"),
        ("\u200bＤＥ１３６６９５９７６", "DE", "", "DE136695976"),
        ("ATU13585627", "AT", "", "ATU13585627"),
        ("U13585627", "AT", "", "ATU13585627"),
        ("B58378431", "ES", "", "ESB58378431"),
        ("IE 6388047V", "IE", "", "IE6388047V"),
        ("FR 40 303 265 045", "FR", "", "FR40303265045"),
        ("FR40303265045", "MC", "", "FR40303265045"),
        ("NL004495445B01", "NL", "", "NL004495445B01"),
        ("BE 0428.759.497", "BE", "", "BE0428759497"),
        ("EL094259216", "GR", "", "EL094259216"),
        ("GR094259216", "GR", "", "EL094259216"),
        ("094259216", "GR", "", "EL094259216"),
        ("GB 980 7806 84", "GB", "BS1 4RW", "GB980780684"),
        ("GB980780684", "IM", "IM1 1AA", "GB980780684"),
        ("XI980780684", "GB", "BT1 5GS", "XI980780684"),
        ("980780684", "GB", " bt1 5gs", "XI980780684"),
    ],
)
def test_parse_reads_the_ids_of_a_place(
    typed: str, country: str, postal_code: str, number: str
) -> None:
    tax_id = parse_tax_id(typed, country=country, postal_code=postal_code)

    assert str(tax_id) == number
    assert tax_id.kind == ("gb_vat" if number.startswith("GB") else "eu_vat")
    assert read_tax_id(number) == tax_id


@pytest.mark.parametrize(
    ("typed", "country", "number"),
    [
        ("51 824 753 556", "AU", "AU51824753556"),
        ("AU51824753556", "AU", "AU51824753556"),
        ("12302 6635 RT 0001", "CA", "CA123026635RT0001"),
        ("CHE-107.787.577 MWST", "CH", "CHE107787577MWST"),
        ("che 107787577 tva", "CH", "CHE107787577TVA"),
        ("NO 995 525 828 MVA", "NO", "NO995525828MVA"),
        ("T7000012050002", "JP", "JPT7000012050002"),
        ("\uff347000012050002", "JP", "JPT7000012050002"),
        ("27AAPFU0939F1ZV", "IN", "IN27AAPFU0939F1ZV"),
        ("49-098-576", "NZ", "NZ49098576"),
        ("MAB-930714-8T4", "MX", "MXMAB9307148T4"),
        ("16.727.230/0001-97", "BR", "BR16727230000197"),
        ("91110000600037341L", "CN", "CN91110000600037341L"),
        ("100 1234 5678 9003", "AE", "AE100123456789003"),
    ],
)
def test_parse_reads_numbers_that_no_register_answers_for(
    typed: str, country: str, number: str
) -> None:
    tax_id = parse_tax_id(typed, country=country)

    assert (str(tax_id), tax_id.kind, tax_id.prefix) == (number, "", country)
    assert parse_tax_id(number, country=country) == tax_id
    assert parse_tax_id(tax_id.as_written, country=country) == tax_id
    assert tax_id.as_written == (number if country in {"CH", "NO"} else number[2:])
    with pytest.raises(TaxIdMalformed):
        read_tax_id(number)


@pytest.mark.parametrize(
    ("typed", "country", "postal_code", "prefix"),
    [
        ("DE136695976", "FR", "", "FR"),
        ("FR40303265045", "DE", "", "DE"),
        ("GB980780684", "DE", "", "DE"),
        ("GB980780684", "GB", "BT1 5GS", "XI"),
        ("XI980780684", "GB", "BS1 4RW", "GB"),
        ("XI980780684", "IE", "", "IE"),
        ("EL094259216", "CY", "", "CY"),
        ("DE136695976", "AU", "", "AU"),
    ],
)
def test_parse_refuses_the_ids_of_another_place(
    typed: str, country: str, postal_code: str, prefix: str
) -> None:
    with pytest.raises(TaxIdElsewhere) as caught:
        parse_tax_id(typed, country=country, postal_code=postal_code)
    assert (caught.value.found, caught.value.prefix) == (typed[:2], prefix)


@pytest.mark.parametrize(
    ("typed", "country"),
    [
        ("", "DE"),
        ("DE", "DE"),
        ("DE136695977", "DE"),  # check digit
        ("DE13669597", "DE"),
        ("DE1366959761", "DE"),
        ("DE136695976<b>", "DE"),
        ("DE\u0661\u0663\u0666\u0666\u0669\u0665\u0669\u0667\u0666", "DE"),
        ("ZZ136695976", "DE"),
        ("DE" + "1" * 300, "DE"),
        ("CHE107787577", "CH"),  # without its suffix it is in no register of VAT
        ("CHE107787578MWST", "CH"),
        ("51824753557", "AU"),
        ("995525828", "NO"),
        ("7000012050002", "JP"),
        ("10012345678900", "AE"),
        ("12-3456789", "US"),
    ],
)
def test_parse_refuses_what_is_no_id(typed: str, country: str) -> None:
    with pytest.raises(TaxIdMalformed):
        parse_tax_id(typed, country=country)


@pytest.mark.parametrize("number", ["136695976", "", "CHE107787577", "USx", "NL1"])
def test_read_wants_an_id_with_its_prefix(number: str) -> None:
    with pytest.raises(TaxIdMalformed):
        read_tax_id(number)


@pytest.mark.parametrize(
    ("country", "postal_code", "prefix"),
    [
        ("GR", "", "EL"),
        ("GB", "SW1A 1AA", "GB"),
        ("GB", "BT48 6AA", "XI"),
        ("MC", "", "FR"),
        ("IM", "", "GB"),
        ("XI", "", ""),
        ("CH", "", "CH"),
        ("US", "BT1", ""),
        ("LI", "", ""),
    ],
)
def test_place_has_the_prefix_of_its_register(country: str, postal_code: str, prefix: str) -> None:
    assert prefix_of_place(country, postal_code=postal_code) == prefix


@given(
    st.text(max_size=80),
    st.sampled_from(["DE", "FR", "GB", "GR", "ES", "IE", "NL", "CH", "AU", "MX", "JP"]),
    st.sampled_from(["", "BT1", "20457"]),
)
def test_parse_gives_an_id_or_says_why_not(typed: str, country: str, postal_code: str) -> None:
    try:
        tax_id = parse_tax_id(typed, country=country, postal_code=postal_code)
    except (TaxIdElsewhere, TaxIdMalformed):
        return
    assert tax_id.prefix == prefix_of_place(country, postal_code=postal_code)
    assert parse_tax_id(str(tax_id), country=country, postal_code=postal_code) == tax_id
    assert len(str(tax_id)) <= 20
