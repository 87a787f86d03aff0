from typing import Any

from django.core.checks import CheckMessage, Warning, register

from storefront.documents.pango import PACKAGES, missing_libraries


@register()
def pdf_can_be_written(**options: Any) -> list[CheckMessage]:
    """Warn where invoices can be shown and printed, and not be written as PDF."""
    missing = missing_libraries()
    if not missing:
        return []
    return [
        Warning(
            f"Invoices cannot be written as PDF: {', '.join(missing)} is missing.",
            hint=f"Debian: apt-get install {PACKAGES}. macOS: brew install pango.",
            id="documents.W001",
        )
    ]
