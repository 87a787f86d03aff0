import re

# Written in capitals wherever they stand.
_ABBREVIATIONS = frozenset({
    "A4", "A5", "A6", "BBQ", "CD", "DIY", "DVD", "EU", "GB", "IPA", "LED", "MP3", "TV", "UK", "UFO",
    "USA", "USB", "UV", "VIP", "XL", "XXL",
})  # fmt: skip
_PROPER = {
    word.upper(): word
    for word in (
        "Africa", "African", "America", "American", "April", "Arabian", "August", "Australia",
        "Austrian", "Berlin", "Britain", "British", "Canada", "China", "Chinese", "Christmas",
        "Cornish", "Danish", "December", "Dutch", "Easter", "Edwardian", "Egypt", "England",
        "English", "Europe", "European", "February", "Florence", "France", "French", "Friday",
        "Georgian", "German", "Germany", "Greek", "Halloween", "Hawaii", "India", "Indian",
        "Ireland", "Irish", "Italian", "Italy", "January", "Japan", "Japanese", "Jubilee", "July",
        "June", "London", "Mexican", "Mexico", "Monday", "Moroccan", "November", "October", "Paris",
        "Provence", "Russian", "Saturday", "Scandinavian", "Scottish", "September", "Spain",
        "Spanish", "Sunday", "Swedish", "Swiss", "Thai", "Thursday", "Tokyo", "Tuesday", "Turkish",
        "Valentine", "Venetian", "Victorian", "Vienna", "Wednesday", "Welsh", "York",
    )
}  # fmt: skip
_SINGLE_LETTER = re.compile(r"(?<![\w'’])([A-Z])-(?=[A-Z]{2})")  # T-light, T-shirt, V-neck
# 20CM, 16X16CM, 50S; 3D and A7 are names.
_MEASURE = re.compile(r"\d+(X\d+)*(CM|MM|M|G|KG|ML|CL|L|PC|PCS|PK|ST|ND|RD|TH|S)?")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# The share of capitals from which on a title is taken for one in capitals.
SHOUTED = 0.6
_SPACES = re.compile(r"\s+")


def sentence_case(title: str) -> str:
    """Write a title that is in capitals as a sentence is written; leave any other alone.

    "WHITE HANGING HEART T-LIGHT HOLDER" becomes "White hanging heart T-light holder". Letters
    before a hyphen, abbreviations, names of peoples, places and feasts keep their capitals, and
    so does a word with a digit in it.
    """
    title = _SPACES.sub(" ", title).strip()
    if not _is_shouted(title):
        return title
    kept = {match.start() for match in _SINGLE_LETTER.finditer(title)}
    cased = _WORD.sub(lambda match: match[0] if match.start() in kept else _word(match[0]), title)
    return re.sub(r"[^\W_]", lambda first: first[0].upper(), cased, count=1)


def _is_shouted(title: str) -> bool:
    """Some titles end on a word or a measure in small letters and are meant as the rest."""
    letters = [character for character in title if character.isalpha()]
    capitals = sum(character.isupper() for character in letters)
    return any(len(word) > 2 for word in title.split()) and capitals > SHOUTED * len(letters)


def _word(word: str) -> str:
    if word in _ABBREVIATIONS or word != word.upper():
        return word
    if any(character.isdigit() for character in word):
        return word.lower() if _MEASURE.fullmatch(word) else word
    base = word.replace("’", "'").partition("'")[0]
    for name in (base, base.removesuffix("S")):
        if name in _PROPER:
            return _PROPER[name] + word[len(name) :].lower()
    return word.lower()
