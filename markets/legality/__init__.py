"""Legality: what law lets a market sell, what an offer has to say, and unit prices."""

from markets.legality.rules import Obstacle, ObstacleProblem, Standing
from markets.legality.selectors import (
    list_obstacles,
    list_standings,
    refused_products,
    refusing_markets,
    unsellable,
)
from markets.legality.unit_prices import Content, UnitPrice, find_unit_price
from markets.legality.wording import describe_obstacle

__all__ = [
    "Content",
    "Obstacle",
    "ObstacleProblem",
    "Standing",
    "UnitPrice",
    "describe_obstacle",
    "find_unit_price",
    "list_obstacles",
    "list_standings",
    "refused_products",
    "refusing_markets",
    "unsellable",
]
