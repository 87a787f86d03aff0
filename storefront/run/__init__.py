"""`python -m storefront.run`: the whole shop as one foreground process tree, for development."""
