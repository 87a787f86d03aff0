from catalog.admin import attributes, category, media, options, product, safety, variant  # noqa: F401
