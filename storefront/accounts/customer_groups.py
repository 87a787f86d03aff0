from storefront.accounts.models import User


def list_group_ids(user_id: int | None) -> tuple[int, ...]:
    """Give the ids of the customer groups whose prices a person has; none for nobody."""
    if user_id is None:
        return ()
    memberships = User.customer_groups.through.objects.filter(user_id=user_id)
    return tuple(memberships.order_by("customergroup_id").values_list("customergroup", flat=True))
