import pytest

from storefront.catalog_import.titles import sentence_case


@pytest.mark.parametrize(
    ("shouted", "written"),
    [
        ("WHITE HANGING HEART T-LIGHT HOLDER", "White hanging heart T-light holder"),
        ("  SET/4  RED   MUGS ", "Set/4 red mugs"),
        ("4 LILY BOTANICAL DINNER CANDLES", "4 lily botanical dinner candles"),
        ("CHRISTMAS TREE 60CM", "Christmas tree 60cm"),
        ("MEN'S VALENTINES CARD A4", "Men's Valentines card A4"),
        ("FRAME 16X16CM", "Frame 16x16cm"),
        ("3D DOG PICTURE USB LAMP", "3D dog picture USB lamp"),
        ("BAG 125g SWIRLY MARBLES", "Bag 125g swirly marbles"),
        ("VINTAGE UNION JACK", "Vintage union jack"),
        ("FRENCH BLUE METAL DOOR SIGN No", "French blue metal door sign No"),
        ("CAFÉ CRÈME CUP", "Café crème cup"),
        ("*USB Office Mirror Ball", "*USB Office Mirror Ball"),
        ("Harbour Mug", "Harbour Mug"),
        ("TV", "TV"),
        ("急須", "急須"),
        ("", ""),
    ],
)
def test_sentence_case(shouted: str, written: str) -> None:
    assert sentence_case(shouted) == written


def test_sentence_case_of_a_sentence_is_the_same() -> None:
    once = sentence_case("SET OF 6 T-LIGHTS IN CHRISTMAS BOX 10CM")
    assert sentence_case(once) == once
