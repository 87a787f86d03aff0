class CarrierDown(Exception):
    """No answer, or none that can be believed: what happened is unknown. Ask again later."""


class CarrierRefused(Exception):
    """The carrier said no, and nothing happened; the same again gets the same answer."""


class BadSignature(Exception):
    """A report that its carrier did not sign, or signed long ago."""


class UnreadableReport(Exception):
    """A signed report without an id, a parcel or a moment; nothing was kept."""


class NoLabelHere(Exception):
    """The shipment takes no label: it has no carrier to ask, or is not being packed."""
