from catalog.admin import attributes, category, media, options, product, variant  # noqa: F401
