"""What a newcomer reads when the shop is open."""

import os

# The password of `load_demo`'s people; the settings hold it too, but this process loads no Django.
DEMO_PASSWORD = "entrepot-demo"  # noqa: S105 - a public demo password, refused in production
MERCHANT = "merchant@entrepot.example"
OPS = "ops@entrepot.example"


def welcome(
    *, port: int, sandbox_address: str | None, registers_address: str | None, ready: bool
) -> str:
    """Give the addresses and the demo log-ins; say so when the home page does not answer."""
    shop = os.environ.get("PUBLIC_URL") or f"http://127.0.0.1:{port}"
    shop = shop.rstrip("/")
    lines = [
        "",
        "The shop is open." if ready else "The shop runs, but its home page answers with errors.",
        "",
        f"  Shop           {shop}/",
        f"  Merchant admin {shop}/admin/  {MERCHANT}  {DEMO_PASSWORD}",
        f"  Staff console  {shop}/staff/  {OPS}  {DEMO_PASSWORD}",
        f"  Mail           {shop}/mail/",
    ]
    if sandbox_address:
        lines.append(f"  Payments       {sandbox_address}/  (sandbox: no real money)")
    if registers_address:
        lines.append(f"  Test VAT ids   {registers_address}/  (in place of VIES and HMRC)")
    return "\n".join([*lines, "", "Ctrl-C stops it; what was ordered is kept.", ""])
