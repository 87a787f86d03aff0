"""Forgetting what registers told of people who ordered nothing."""

from datetime import datetime, timedelta

from django.db.models import Exists, ManyToOneRel, OuterRef

from markets.models import TaxIdCheck

# Longer than any answer counts, and than any cart holds its prices.
KEPT_FOR = timedelta(days=2)


def forget_checks(*, now: datetime) -> int:
    """Delete checks older than two days that nothing refers to; give how many.

    Those that an order or an invoice refers to are its evidence and stay as long as it does. One
    that is taken up meanwhile makes the deletion fail as a whole: the next one does the work.
    """
    old = TaxIdCheck.objects.filter(checked_at__lt=now - KEPT_FOR)
    for relation in TaxIdCheck._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            holders = relation.related_model._base_manager
            old = old.exclude(Exists(holders.filter(**{relation.field.name: OuterRef("pk")})))
    deleted, _by_model = old.delete()
    return deleted
