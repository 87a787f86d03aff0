from markets.models import Market


def get_market(code: str) -> Market:
    """Give a market by its code, active or not; raise Market.DoesNotExist."""
    return Market.objects.get(code=code)


def find_market_for_country(country: str) -> Market | None:
    """Find the active market that ships to a country (two-letter code)."""
    return Market.objects.filter(is_active=True, countries__country=country).first()
