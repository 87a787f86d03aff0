"""Orders: what was agreed."""
