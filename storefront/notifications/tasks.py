from orders.events import subscriber
from orders.models import OrderEvent
from storefront.notifications.messages import KINDS
from storefront.notifications.sending import send_message


@subscriber(*KINDS)
def send_order_message(event: OrderEvent) -> None:
    send_message(event)
