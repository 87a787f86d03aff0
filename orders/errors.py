class StaleTransition(Exception):
    """A row was not in the state that a change of state starts from; nothing was changed."""


class CartNotOpen(Exception):
    """The cart was ordered already."""


class EmptyCart(Exception):
    """There is nothing in the cart that could be ordered."""


class NotForSale(Exception):
    """The variant is not sold in the cart's market; nothing was added."""


class AddressInvalid(Exception):
    """An address does not satisfy its country's rules: `problems` maps field to what is wrong.

    The values are `required` or `invalid`.
    """

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(", ".join(f"{field} is {what}" for field, what in problems.items()))
        self.problems = problems
