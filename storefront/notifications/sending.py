"""Sending one message per event, in the language and currency of its order."""

from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from orders.models import OrderEvent
from orders.transitions import lock_order
from storefront.documents.attaching import attach_documents
from storefront.notifications.messages import Message, compose
from storefront.notifications.models import SentMessage
from storefront.shops import Shop, shop_of_order, use_shop


def send_message(event: OrderEvent) -> SentMessage | None:
    """Write the event's message once, then send it; None when there is none to send.

    A worker that dies between the post office and `sent_at` makes the same words go out twice;
    the other order would lose them.
    """
    message = _write(event)
    if message is None or message.sent_at:
        return message
    mail = EmailMultiAlternatives(message.subject, message.text, to=[message.recipient])
    mail.attach_alternative(message.html, "text/html")
    mail.extra_headers = {"Content-Language": message.language}
    attach_documents(mail, event)
    mail.send()
    SentMessage.objects.filter(pk=message.pk).update(sent_at=timezone.now())
    return message


@transaction.atomic
def _write(event: OrderEvent) -> SentMessage | None:
    written = SentMessage.objects.filter(event=event).first()
    if written:
        return written
    order = lock_order(event.order_id)
    shop = shop_of_order(order)
    with use_shop(shop):
        message = compose(event, shop)
        if message is None or _confirmed_already(event, message):
            return None
        return SentMessage.objects.create(
            event=event,
            order=order,
            kind=message.kind,
            language=shop.language,
            recipient=order.email,
            subject=message.subject,
            text=_render("message.txt", message, shop),
            html=_render("message.html", message, shop),
        )


def _confirmed_already(event: OrderEvent, message: Message) -> bool:
    return (
        message.kind == "order_confirmed"
        and SentMessage.objects.filter(order=event.order_id, kind=message.kind).exists()
    )


def _render(template: str, message: Message, shop: Shop) -> str:
    context = {"message": message, "shop": shop}
    return render_to_string(f"notifications/{template}", context)
