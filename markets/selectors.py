from catalog.reference import Reference, keep, reference
from markets.models import Market, MarketCountry

keep(MarketCountry)


def get_market(code: str) -> Market:
    """Give a market by its code, active or not; raise Market.DoesNotExist."""
    return Market.objects.get(code=code)


def find_market_for_country(country: str) -> Market | None:
    """Find the active market that ships to a country (two-letter code)."""
    return Market.objects.filter(is_active=True, countries__country=country).first()


def list_countries(market: Market) -> tuple[str, ...]:
    """List the countries (two-letter codes) that a market ships to, its default first."""
    return reference().derive(_countries, market.pk)


def _countries(read: Reference, market_id: int) -> tuple[str, ...]:
    rows = read.rows(MarketCountry, market_id=market_id)
    return tuple(row.country for row in sorted(rows, key=lambda row: (row.position, row.country)))
