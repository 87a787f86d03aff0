"""The post of a development machine: each message a file, to be read on a page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMessage as DjangoMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone


@dataclass(frozen=True)
class Letter:
    name: str
    sent_at: datetime
    to: str
    subject: str
    language: str
    text: str
    html: str


class FolderBackend(BaseEmailBackend):
    """Write each message to `EMAIL_FILE_PATH` as an .eml file that any mail program opens."""

    def send_messages(self, email_messages: Sequence[DjangoMessage]) -> int:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        for message in email_messages:
            name = f"{timezone.now():%Y%m%d-%H%M%S}-{uuid4().hex[:8]}.eml"
            written = folder / f".{name}"
            written.write_bytes(message.message().as_bytes())
            written.rename(folder / name)
        return len(email_messages)


def list_letters(limit: int = 200) -> list[Letter]:
    """Read the newest letters, newest first."""
    paths = sorted(_folder().glob("[0-9]*.eml"), reverse=True)[:limit]
    return [_read(path) for path in paths]


def find_letter(name: str) -> Letter | None:
    path = _folder() / f"{name}.eml"
    return _read(path) if path.parent == _folder() and path.is_file() else None


def _folder() -> Path:
    return Path(settings.EMAIL_FILE_PATH)


def _read(path: Path) -> Letter:
    message = message_from_bytes(path.read_bytes(), policy=default)
    assert isinstance(message, EmailMessage)  # noqa: S101 - the policy's kind, for the types
    return Letter(
        name=path.stem,
        sent_at=datetime.fromtimestamp(path.stat().st_mtime, tz=timezone.get_current_timezone()),
        to=str(message["To"]),
        subject=str(message["Subject"]),
        language=str(message.get("Content-Language", "")),
        text=_body(message, "plain"),
        html=_body(message, "html"),
    )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body(preferencelist=(kind,))
    return str(part.get_content()) if part else ""
