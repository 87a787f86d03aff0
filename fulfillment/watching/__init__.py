"""What people watch: stock by warehouse and market, orders that wait, what the audit found."""
