"""A small server that speaks the part of Stripe's wire protocol that the shop uses.

It runs in development and in tests, listens on the loopback address only and moves no money.
It imports nothing but the standard library.
"""

from payments.sandbox.server import SandboxServer

__all__ = ["SandboxServer"]
