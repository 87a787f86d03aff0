import pytest

from orders.addresses import address_form_rules, format_address, normalise_address
from orders.errors import AddressInvalid
from orders.models import Address


def names(country: str) -> list[str]:
    return address_form_rules(country).names


def test_address_form_rules_follow_the_country() -> None:
    assert names("DE") == ["name", "company_name", "street_address", "postal_code", "city", "phone"]
    assert names("JP") == [
        "name", "postal_code", "country_area", "street_address", "company_name", "phone",
    ]  # fmt: skip
    assert names("AE") == ["name", "company_name", "street_address", "country_area", "phone"]
    assert "country_area" in names("US")


def test_address_form_rules_offer_areas_by_local_name() -> None:
    rules = address_form_rules("JP")
    field = next(field for field in rules.fields if field.name == "country_area")
    assert ("東京都", "Tokyo", "東京都") in field.choices
    assert str(field.label) == "Prefecture"
    assert len(field.choices) == 47


@pytest.mark.parametrize("typed", ["CA", "California", "california"])
def test_normalise_address_reads_areas_by_code_or_name(typed: str) -> None:
    address = normalise_address(
        "US",
        {
            "name": "Ada  Lindgren",
            "street_address": "1 Main St\n\nApt 2",
            "city": "Los Angeles",
            "country_area": typed,
            "postal_code": "90001",
            "city_area": "not a field here",
        },
    )
    assert address["country_area"] == "CA"
    assert address["name"] == "Ada Lindgren"
    assert address["street_address"] == "1 Main St\nApt 2"
    assert "city_area" not in address


@pytest.mark.parametrize(
    ("country", "data", "problems"),
    [
        ("DE", {}, {
            "name": "required", "street_address": "required", "city": "required",
            "postal_code": "required",
        }),
        ("DE", {"name": "A", "street_address": "B 1", "city": "C", "postal_code": "ABC"}, {
            "postal_code": "invalid",
        }),
        ("GB", {
            "name": "A", "street_address": "B 1", "city": "London", "postal_code": "SW1A 1AA",
            "phone": "call me",
        }, {"phone": "invalid"}),
        ("XX", {}, {"country": "invalid"}),
        ("DE", {"name": "A" * 200, "street_address": "B 1", "city": "C", "postal_code": "20457"}, {
            "name": "invalid",
        }),
    ],
)  # fmt: skip
def test_normalise_address_names_what_is_wrong(
    country: str, data: dict[str, str], problems: dict[str, str]
) -> None:
    with pytest.raises(AddressInvalid) as caught:
        normalise_address(country, data)
    assert caught.value.problems == problems


def test_normalise_address_keeps_cities_that_no_list_has() -> None:
    address = normalise_address(
        "CN",
        {
            "name": "王小明",
            "street_address": "明珠大道88号",
            "country_area": "广东省",
            "city": "深圳",
            "city_area": "盐田",
            "postal_code": "518083",
        },
    )
    assert (address["city"], address["city_area"]) == ("深圳", "盐田")


def test_format_address_is_written_as_in_its_country() -> None:
    address = Address(
        country="JP",
        name="青木 葵",
        street_address="南港東2-1-5",
        country_area="大阪府",
        postal_code="559-0031",
    )
    assert format_address(address) == ["〒559-0031", "大阪府", "南港東2-1-5", "青木 葵", "JAPAN"]


def test_every_field_of_a_country_is_a_column() -> None:
    columns = {field.name for field in Address._meta.fields}
    for country in ("US", "GB", "DE", "AT", "FR", "IE", "CH", "JP", "CN", "BR", "MX", "AE", "AU"):
        assert set(names(country)) <= columns
