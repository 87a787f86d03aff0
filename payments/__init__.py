"""Payments: money moves."""
