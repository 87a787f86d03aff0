"""A small server that plays carriers: labels, tracking, and every way in which they fail.

It runs in development and in tests, listens on the loopback address only and moves no parcel.
It imports none of the shop's rooms.
"""

from fulfillment.carrier_server.server import CarrierServer

__all__ = ["CarrierServer"]
