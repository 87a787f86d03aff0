"""One module per resource: how its object is built."""
