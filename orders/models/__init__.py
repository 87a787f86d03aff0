from orders.models.carts import Address, Cart, CartLine
from orders.models.events import EventDelivery, OrderEvent
from orders.models.fields import amount_field, new_token
from orders.models.filings import FiledReturn
from orders.models.invoices import Invoice, InvoiceKind, InvoiceLine, InvoiceSeries
from orders.models.orders import Order, OrderCharge, OrderDiscount, OrderLine
from orders.models.taxes import CarrierCharge, OrderTaxComponent
from orders.models.thresholds import ThresholdAlarm

__all__ = [
    "Address",
    "CarrierCharge",
    "Cart",
    "CartLine",
    "EventDelivery",
    "FiledReturn",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceSeries",
    "Order",
    "OrderCharge",
    "OrderDiscount",
    "OrderEvent",
    "OrderLine",
    "OrderTaxComponent",
    "ThresholdAlarm",
    "amount_field",
    "new_token",
]
