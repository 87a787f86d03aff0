from catalog.models import Category

DEFAULT_KEY = "giftware"
_NAMES = {
    "en": ("Giftware", "giftware"),
    "de": ("Geschenkartikel", "geschenkartikel"),
    "fr": ("Cadeaux", "cadeaux"),
    "es": ("Regalos", "regalos"),
    "pt_br": ("Presentes", "presentes"),
    "ja": ("ギフト雑貨", "ギフト雑貨"),
    "zh_hans": ("礼品", "礼品"),
    "ar": ("هدايا", "هدايا"),
}


def default_category() -> Category:
    """Give the category of goods whose file names none; make it where it is not there yet."""
    found = Category.objects.filter(key=DEFAULT_KEY).first()
    if found:
        return found
    texts: dict[str, str] = {}
    for language, (name, slug) in _NAMES.items():
        texts |= {f"name_{language}": name, f"slug_{language}": slug}
    position = Category.objects.filter(parent=None).count()
    return Category.objects.create(
        key=DEFAULT_KEY, name=_NAMES["en"][0], slug=_NAMES["en"][1], position=position, **texts
    )
