"""A small server that answers as VIES and HMRC do about VAT ids, for made-up test numbers alone.

It runs beside the demo shop and in tests, and listens on the loopback address only. It imports
nothing but the standard library.
"""

from markets.register_sandbox.server import RegisterSandbox

__all__ = ["RegisterSandbox"]
