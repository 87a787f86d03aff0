"""Goods on their way back: asked for, received, graded, refunded."""

from fulfillment.returns.inspecting import inspect_return
from fulfillment.returns.quantities import ReturnableLine, returnable_lines
from fulfillment.returns.receiving import receive_return
from fulfillment.returns.refunding import close_return, refund_due, refund_return
from fulfillment.returns.requesting import approve_return, reject_return, request_return

__all__ = [
    "ReturnableLine",
    "approve_return",
    "close_return",
    "inspect_return",
    "receive_return",
    "refund_due",
    "refund_return",
    "reject_return",
    "request_return",
    "returnable_lines",
]
