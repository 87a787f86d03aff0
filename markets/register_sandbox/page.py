"""The page with the test numbers, for whoever tries the checkout."""

from html import escape

from markets.register_sandbox.numbers import MEANINGS, list_numbers

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 70rem; margin: 2rem auto 4rem; padding: 0 1.25rem;
       font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-weight: 600; line-height: 1.2; }
div { overflow-x: auto; }
table { border-collapse: collapse; }
td, th { padding: .4rem 1.5rem .4rem 0; border-top: 1px solid #8884; text-align: start; }
"""


def home_page() -> str:
    outcomes = tuple(MEANINGS)
    by_prefix: dict[str, dict[str, str]] = {}
    for number, outcome in list_numbers().items():
        by_prefix.setdefault(number[:2], {})[outcome] = number
    head = "".join(f"<th scope=col>{escape(MEANINGS[outcome])}</th>" for outcome in outcomes)
    rows = "".join(
        f"<tr><th scope=row>{escape(prefix)}</th>"
        + "".join(f"<td>{escape(numbers[outcome])}</td>" for outcome in outcomes)
        + "</tr>"
        for prefix, numbers in sorted(by_prefix.items())
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Test VAT ids</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>
<body><main><h1>Test VAT ids</h1>
<p>A stand-in for VIES and HMRC. It knows these made-up numbers and says of any other that it is
not registered. Use one of the parcel's country at checkout, under “Buying for a business?”.
EL is Greece, XI Northern Ireland.</p>
<div tabindex="0" role="region" aria-label="Numbers"><table><thead><tr><th></th>{head}</tr></thead>
<tbody>{rows}</tbody></table></div></main></body></html>
"""
