from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from orders.models import Order, OrderEvent


class SentMessage(models.Model):
    """An e-mail as it went out, in the order's language. One per event."""

    event = models.OneToOneField(OrderEvent, models.PROTECT, related_name="message")
    order = models.ForeignKey(Order, models.PROTECT, related_name="messages")
    kind = models.CharField(_("kind"), max_length=40)
    language = models.CharField(_("language"), max_length=10)
    recipient = models.EmailField(_("recipient"))
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("HTML"))
    created_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("sent message")
        verbose_name_plural = _("sent messages")
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            # An authorisation and its capture are two events and one good news.
            models.UniqueConstraint(
                fields=["order"],
                condition=models.Q(kind="order_confirmed"),
                name="message_confirms_an_order_once",
            )
        ]

    def __str__(self) -> str:
        return self.subject
