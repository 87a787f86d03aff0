from collections.abc import Mapping, Sequence
from dataclasses import dataclass


class OutOfStock(Exception):
    """Not every line can be served, and nothing was reserved; `skus` are those that fell short."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(f"Out of stock: {', '.join(skus)}")
        self.skus = list(skus)


class NoRoute(Exception):
    """No plan sends everything; nothing was planned. `reasons` says why, per warehouse code."""

    def __init__(self, reasons: Mapping[str, str]) -> None:
        listed = ", ".join(f"{code}: {reason}" for code, reason in sorted(reasons.items()))
        super().__init__(f"No route ({listed or 'no warehouse delivers there'})")
        self.reasons = dict(reasons)


class NothingMissing(Exception):
    """Every unit of a shipment was found; nothing was booked."""


class StockReserved(Exception):
    """Fewer units would be on hand than are reserved for orders; nothing was booked."""


class NothingToReturn(Exception):
    """The order has no shipped units left that could come back, or none were named."""


class TooManyReturned(Exception):
    """More units of a line than were shipped and not yet returned; no return was made."""

    def __init__(self, order_line_id: int, *, returnable: int) -> None:
        super().__init__(f"Line {order_line_id} has {returnable} units that can be returned.")
        self.order_line_id = order_line_id
        self.returnable = returnable


class TooManyReceived(Exception):
    """More units of a return line than were announced; nothing was received."""


class NothingReceived(Exception):
    """None of a return's units arrived; the return stays as it was."""


class TakesNoReturns(Exception):
    """The warehouse is no hub for returns; nothing was received."""


class NotGraded(Exception):
    """A received line has no grade, or none that is known; the return stays received."""


class NothingToRefund(Exception):
    """A return is worth nothing, or everything that was captured has gone back already."""


class NotPaid(Exception):
    """The money of an order was asked for and is not there; its shipment stays packed."""


class NotExpected(Exception):
    """Nothing more of a delivery or transfer is expected; nothing was booked."""


class StockShort(Exception):
    """Fewer units are free than are to leave; nothing was booked. `skus` fall short."""

    def __init__(self, skus: Sequence[str]) -> None:
        super().__init__(f"Not enough that no order holds: {', '.join(skus)}")
        self.skus = list(skus)


@dataclass(frozen=True)
class CountProblem:
    """What is wrong in a file of counts; line 1 names the columns."""

    line: int
    column: str
    message: str


class BadCount(ValueError):
    """A file of counts that was not taken, none of it; `problems` are in the order of lines."""

    def __init__(self, problems: Sequence[CountProblem]) -> None:
        super().__init__("; ".join(f"{row.line} {row.column}: {row.message}" for row in problems))
        self.problems = tuple(problems)


class CountOpen(Exception):
    """Another count of the same goods in the warehouse waits to be decided: `number`."""

    def __init__(self, number: str) -> None:
        super().__init__(f"The count {number} is open.")
        self.number = number
