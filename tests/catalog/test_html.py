import pytest

from catalog.html import clean_html


@pytest.mark.parametrize(
    ("html", "clean"),
    [
        ("<p>A <b>bold</b> mug</p>", "<p>A <b>bold</b> mug</p>"),
        ("<p onclick='x()' style='color:red'>Mug</p>", "<p>Mug</p>"),
        ("Mug<script>alert(1)</script><style>p{}</style>", "Mug"),
        ("<img src=x onerror=alert(1)>Mug", "Mug"),
        ("<a href='javascript:alert(1)'>Mug</a>", '<a rel="nofollow noopener">Mug</a>'),
        ("<p>a\r\nb", "<p>a\nb</p>"),
        ("5 < 6 & 7", "5 &lt; 6 &amp; 7"),
    ],
)
def test_clean_html_keeps_an_allow_list(html: str, clean: str) -> None:
    assert clean_html(html) == clean
