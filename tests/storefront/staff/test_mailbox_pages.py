from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.storefront.staff.people import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.EMAIL_FILE_PATH = tmp_path
    return tmp_path


def _put(folder: Path) -> str:
    letter = EmailMessage()
    letter["To"], letter["Subject"] = "ada@example.com", "注文を受け付けました"
    letter.set_content("ありがとうございます\nhttps://shop.example/order/1/")
    letter.add_alternative("<p>ありがとう</p>", subtype="html")
    letter["Content-Language"] = "ja"
    (folder / "20261124-090000-abcd.eml").write_bytes(letter.as_bytes())
    return "20261124-090000-abcd"


def test_mailbox_lists_letters(client: Client, folder: Path) -> None:
    name = _put(folder)

    html = client.get("/mail/").content.decode()

    assert "注文を受け付けました" in html
    assert f'href="/mail/{name}/"' in html
    assert 'lang="ja"' in html


def test_mailbox_without_letters_says_so(client: Client, folder: Path) -> None:
    assert "No mail yet." in text_of(client.get("/mail/"))


def test_letter_is_read_with_links_that_work(client: Client, folder: Path) -> None:
    html = client.get(f"/mail/{_put(folder)}/").content.decode()

    assert "ありがとうございます" in html
    assert 'href="https://shop.example/order/1/"' in html
