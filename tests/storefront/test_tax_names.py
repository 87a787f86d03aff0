import pytest
from django.utils import translation

from storefront.tax_names import tax_name


@pytest.mark.parametrize(
    ("name", "language", "expected"),
    [
        ("MWST", "de", "MWST"),
        ("MWST", "fr", "TVA"),
        ("MwSt", "en", "VAT"),
        ("消費税", "ja", "消費税"),
        ("消費税", "en", "Consumption tax"),
        ("Sales tax", "es", "Impuesto sobre las ventas"),
        ("ΦΠΑ", "en", "VAT"),
        ("ICMS", "pt-br", "ICMS"),
        ("", "en", ""),
    ],
)
def test_tax_is_named_in_the_language_that_is_read(name: str, language: str, expected: str) -> None:
    with translation.override(language):
        assert tax_name(name) == expected
