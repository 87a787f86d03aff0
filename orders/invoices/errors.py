class NoLegalEntity(Exception):
    """Neither the order nor its market names the company that sells; nothing was issued."""


class CreditTooLarge(Exception):
    """More is to be credited than an invoice has left; nothing was issued."""
