"""Catalogue: what is sold."""
