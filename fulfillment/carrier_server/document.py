"""The label as a PDF of 105 × 148 mm, written by hand: text in Helvetica, the bars as rectangles.

Helvetica needs no font file but knows Western letters alone; what it lacks becomes a question
mark, so a sender from abroad writes its addresses in Latin letters, as carriers ask for.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from fulfillment.carrier_server.code128 import bar_widths

_POINTS_PER_MM = 72 / 25.4
WIDTH, HEIGHT = 105 * _POINTS_PER_MM, 148 * _POINTS_PER_MM
_MARGIN = 18.0
MEDIA_TYPE = "application/pdf"


@dataclass(frozen=True)
class LabelText:
    """All that a label says."""

    carrier: str
    service: str
    number: str
    reference: str
    sender: Sequence[str]
    receiver: Sequence[str]
    weight_grams: int
    notes: Sequence[str] = ()


def write_label(text: LabelText) -> bytes:
    """Write a label; the same text gives the same bytes."""
    page = _Canvas()
    top = HEIGHT - _MARGIN
    page.text(text.carrier.upper(), x=_MARGIN, y=top - 16, size=20, bold=True)
    page.text(text.service, x=_MARGIN, y=top - 32, size=11)
    weight = f"{text.weight_grams / 1000:.2f} kg"
    page.text(weight, x=WIDTH - _MARGIN - 60, y=top - 32, size=11)
    page.line(y=top - 42)
    y = top - 56
    for line in [f"From: {', '.join(text.sender)}"[:88]]:
        page.text(line, x=_MARGIN, y=y, size=6.5)
    y -= 26
    for n, line in enumerate(text.receiver[:8]):
        page.text(line[:44], x=_MARGIN, y=y, size=13, bold=n == 0)
        y -= 17
    page.line(y=190)
    for n, note in enumerate(text.notes[:4]):
        page.text(note[:70], x=_MARGIN, y=176 - 12 * n, size=8.5, bold=True)
    page.text(f"Ref. {text.reference}", x=_MARGIN, y=124, size=8.5)
    page.bars(text.number, x=_MARGIN, y=44, width=WIDTH - 2 * _MARGIN, height=70)
    page.text(text.number, x=_MARGIN + 52, y=26, size=13, bold=True)
    return _file(page.content())


class _Canvas:
    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def text(self, text: str, *, x: float, y: float, size: float, bold: bool = False) -> None:
        shown = text.encode("cp1252", errors="replace")
        for letter in (b"\\", b"(", b")"):
            shown = shown.replace(letter, b"\\" + letter)
        font = b"/B" if bold else b"/R"
        self._parts.append(b"BT %s %.1f Tf %.2f %.2f Td (%s) Tj ET" % (font, size, x, y, shown))

    def line(self, *, y: float) -> None:
        self._parts.append(b"%.2f %.2f %.2f 0.8 re f" % (_MARGIN, y, WIDTH - 2 * _MARGIN))

    def bars(self, text: str, *, x: float, y: float, width: float, height: float) -> None:
        widths = bar_widths(text)
        module = width / sum(widths)
        for n, modules in enumerate(widths):
            if n % 2 == 0:
                self._parts.append(b"%.3f %.2f %.3f %.2f re f" % (x, y, module * modules, height))
            x += module * modules

    def content(self) -> bytes:
        return b"\n".join(self._parts)


def _file(content: bytes) -> bytes:
    stream = zlib.compress(content)
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding /WinAnsiEncoding >>"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents 4 0 R"
        b" /Resources << /Font << /R 5 0 R /B 6 0 R >> >> >>" % (WIDTH, HEIGHT),
        b"<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream" % (len(stream), stream),
        font % b"Helvetica",
        font % b"Helvetica-Bold",
    ]
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for offset in offsets:
        out += b"%010d 00000 n \n" % offset
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        start,
    )
    return bytes(out)
