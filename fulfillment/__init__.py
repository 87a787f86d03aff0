"""Fulfilment: goods move."""
