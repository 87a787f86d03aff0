import unicodedata

from django.utils.crypto import salted_hmac


def customer_key(email: str) -> str:
    """Give the keyed hash by which a customer is known again; "" of no address.

    Case, and what stands behind a plus, make no other customer. The key is the secret key's:
    a new one forgets who used what, and leaves the totals.
    """
    address = unicodedata.normalize("NFKC", email).strip().casefold()
    if not address:
        return ""
    name, at, domain = address.rpartition("@")
    known = f"{name.partition('+')[0]}{at}{domain}"
    return salted_hmac("markets.promotions.customers", known, algorithm="sha256").hexdigest()
