"""Whether documents can be written as PDF: WeasyPrint needs libraries of the system."""

from ctypes.util import find_library

# What WeasyPrint opens when it is imported; each by the name that one of the systems gives it.
_LIBRARIES = ("pango-1.0", "pangoft2-1.0", "harfbuzz-subset")
PACKAGES = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-core fonts-noto-cjk"


class PdfUnavailable(Exception):
    """The system has no Pango: documents can be shown and printed, and not written as PDF."""


def missing_libraries() -> list[str]:
    """List the system libraries that PDF files need and that are not there."""
    return [name for name in _LIBRARIES if find_library(name) is None]
