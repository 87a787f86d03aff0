"""Markets: how a market sells."""
