"""What a newcomer reads when the shop is open."""

import os
from dataclasses import dataclass

# The password of `load_demo`'s people; the settings hold it too, but this process loads no Django.
DEMO_PASSWORD = "entrepot-demo"  # noqa: S105 - a public demo password, refused in production
MERCHANT = "merchant@entrepot.example"
OPS = "ops@entrepot.example"


@dataclass(frozen=True)
class StandIns:
    """Where the stand-ins for outside servers listen, of those that run."""

    payments: str | None
    carriers: str | None
    registers: str | None


def welcome(*, port: int, stand_ins: StandIns, ready: bool) -> str:
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
    if stand_ins.payments:
        lines.append(f"  Payments       {stand_ins.payments}/  (sandbox: no real money)")
    if stand_ins.carriers:
        lines.append(f"  Carriers       {stand_ins.carriers}/  (simulated: no parcel moves)")
    if stand_ins.registers:
        lines.append(f"  Test VAT ids   {stand_ins.registers}/  (in place of VIES and HMRC)")
    return "\n".join([*lines, "", "Ctrl-C stops it; what was ordered is kept.", ""])
