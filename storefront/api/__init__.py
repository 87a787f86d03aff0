"""A read-only JSON API that answers with the shop's own functions: prices and quotes."""
