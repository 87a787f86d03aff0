"""Who works at the console, and what they read there."""

from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client
from django.utils.html import strip_tags

from storefront.accounts.models import User

PASSWORD = "long-enough-9"


def make_packer(email: str = "packer@example.com") -> User:
    """Make what the demo calls Ops: ships and takes returns, sees no money."""
    user = User.objects.create_user(email, PASSWORD, is_staff=True)
    rooms = Permission.objects.filter(content_type__app_label__in=["fulfillment", "orders"])
    user.user_permissions.set(
        rooms.filter(codename__startswith="view_")
        | rooms.filter(codename__in=["change_shipment", "change_return"])
    )
    return user


def make_merchant(email: str = "merchant@example.com") -> User:
    return User.objects.create_superuser(email, PASSWORD, first_name="Mara")


def make_shopper(email: str = "shopper@example.com") -> User:
    return User.objects.create_user(email, PASSWORD)


def log_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    """Give the words of a page, with single spaces."""
    return " ".join(strip_tags(response.content.decode()).split())


def messages_of(response: Any) -> list[str]:
    """Give what a page that a click led to says about the click."""
    return [str(message) for message in response.context["messages"]]
