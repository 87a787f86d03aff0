"""How a company's sales stand against the thresholds of places, and the alarms about it."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce, TruncDate

from markets.models import LegalEntity, TaxRegistration, TaxThreshold
from orders.models import Order, OrderTaxComponent, ThresholdAlarm
from orders.tax_reports.conversion import ReportRateMissing
from orders.tax_reports.rates import RateHistory
from orders.tax_reports.thresholds import (
    UNION_OSS,
    DaySales,
    Level,
    Standing,
    ThresholdTerms,
    Window,
    oldest_day,
    stand,
)

logger = logging.getLogger(__name__)
_ALARMS = (Level.NEAR, Level.PASSED)
_SOLD = (OrderTaxComponent.Kind.GOODS, OrderTaxComponent.Kind.SHIPPING)
_PAYMENT = Order.PaymentStatus


@dataclass(frozen=True)
class Watched:
    """A threshold with where a company stands; None where a currency has no rate.

    With a registration in force there the threshold asks for nothing more.
    """

    entity: LegalEntity
    threshold: TaxThreshold
    standing: Standing | None
    registration: TaxRegistration | None
    missing_currency: str = ""

    @property
    def level(self) -> Level:
        """Give how urgent it is to register."""
        if self.standing is None or self.registration is not None:
            return Level.QUIET
        return self.standing.level


def list_watched(entity: LegalEntity, *, on: date, scheme: str = "") -> list[Watched]:
    """Give where a company stands on a day against each threshold in force, the nearest first.

    Counted are goods and delivery without tax, of orders that were paid for or released and not
    cancelled, on the day they were placed. Refunds are not taken off: most places count what
    was sold. A seller is warned a little early rather than late.
    """
    thresholds = list(
        TaxThreshold.objects.filter(period__in=list(Window), valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .filter(Q(scheme=scheme) if scheme else Q())
        .order_by("scheme", "country", "region")
    )
    since = oldest_day((Window(row.period) for row in thresholds), on=on)
    sales = sales_by_day(entity, since=since, until=on)
    currencies = {sale.currency for sale in sales} | {row.currency for row in thresholds}
    history = RateHistory.read(currencies, since=since, until=on)
    registrations = list(
        TaxRegistration.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=on), legal_entity=entity, valid_from__lte=on
        )
    )
    watched = [
        _watch(entity, row, sales, history=history, registrations=registrations, on=on)
        for row in thresholds
    ]
    return sorted(watched, key=_nearness)


def sales_by_day(entity: LegalEntity, *, since: date, until: date) -> list[DaySales]:
    """Sum what a company sold per day (of UTC), place, regime and currency."""
    accepted = Q(order__status__in=[Order.Status.RELEASED, Order.Status.COMPLETED]) | Q(
        order__payment_status__in=[
            _PAYMENT.AUTHORISED, _PAYMENT.PAID, _PAYMENT.PART_REFUNDED, _PAYMENT.REFUNDED,
        ]
    )  # fmt: skip
    rows = (
        OrderTaxComponent.objects.filter(accepted, kind__in=_SOLD)
        .exclude(order__status=Order.Status.CANCELLED)
        .annotate(
            seller=Coalesce("order__legal_entity_id", "order__market__legal_entity_id"),
            day=TruncDate("order__placed_at"),
        )
        .filter(seller=entity.pk, day__gte=since, day__lte=until)
        .order_by()
        .values("day", "jurisdiction", "regime", "order__currency")
        .annotate(net_sum=Sum("net"), order_count=Count("order", distinct=True))
    )
    return [
        DaySales(
            on=row["day"],
            country=row["jurisdiction"].partition("-")[0],
            region=row["jurisdiction"].partition("-")[2],
            regime=row["regime"],
            currency=row["order__currency"],
            net=row["net_sum"],
            orders=row["order_count"],
        )
        for row in rows
    ]


def distance_sales(entity: LegalEntity, *, on: date) -> Decimal | None:
    """Give what a company sold across the EU's inner borders this year or the last, the more.

    In the currency of the Union scheme's threshold, without tax: what the tax engine compares
    with it. None where no threshold is known or a currency has no rate.
    """
    for watched in list_watched(entity, on=on, scheme=UNION_OSS):
        if watched.standing is not None:
            return watched.standing.amount
    return None


@transaction.atomic(durable=True)
def watch_thresholds(*, now: datetime) -> list[ThresholdAlarm]:
    """Open an alarm for each threshold that is near or passed, and clear what is so no more.

    Writes down what each company sold across the EU's borders, for the tax engine to compare.
    Gives the new alarms, and logs each as an error, which is how it reaches people. Safe to run
    again: an alarm that is open stays the one.
    """
    new = []
    for entity in LegalEntity.objects.order_by("pk").select_for_update():
        turnover = distance_sales(entity, on=now.date())
        if turnover != entity.area_turnover:
            entity.area_turnover = turnover
            entity.save(update_fields=["area_turnover"])
        for watched in list_watched(entity, on=now.date()):
            if watched.standing is not None:
                new += _follow(watched, watched.standing, now=now)
    for alarm in new:
        logger.error("Tax threshold: %s has reached %s", alarm.legal_entity, alarm)
    return new


def _follow(watched: Watched, standing: Standing, *, now: datetime) -> list[ThresholdAlarm]:
    reached = [level for level in _ALARMS if watched.level >= level]
    alarms = ThresholdAlarm.objects.filter(
        legal_entity=watched.entity, threshold=watched.threshold, cleared_at=None
    )
    alarms.exclude(level__in=reached).update(cleared_at=now)
    known = set(alarms.values_list("level", flat=True))
    return ThresholdAlarm.objects.bulk_create(
        ThresholdAlarm(
            legal_entity=watched.entity,
            threshold=watched.threshold,
            level=level,
            amount=standing.amount,
            orders=standing.orders,
            raised_at=now,
        )
        for level in reached
        if level not in known
    )


def _watch(
    entity: LegalEntity,
    row: TaxThreshold,
    sales: Sequence[DaySales],
    *,
    history: RateHistory,
    registrations: Sequence[TaxRegistration],
    on: date,
) -> Watched:
    registration = next((one for one in registrations if _answers(one, row)), None)
    try:
        standing = stand(_terms(row), sales, on=on, convert=history.convert)
    except ReportRateMissing as error:
        return Watched(entity, row, None, registration, error.currency)
    return Watched(entity, row, standing, registration)


def _terms(row: TaxThreshold) -> ThresholdTerms:
    counts = row.rule != TaxThreshold.Rule.AMOUNT
    return ThresholdTerms(
        id=row.pk,
        scheme=row.scheme,
        country=row.country,
        region=row.region,
        amount=row.amount,
        currency=row.currency,
        transactions=row.transactions if counts else None,
        needs_both=row.rule == TaxThreshold.Rule.BOTH,
        window=Window(row.period),
    )


def _answers(registration: TaxRegistration, threshold: TaxThreshold) -> bool:
    """Tell whether a registration is the one that a threshold asks for."""
    if registration.scheme != threshold.scheme:
        return False
    place = (registration.country, registration.region)
    return not threshold.country or place == (threshold.country, threshold.region)


def _nearness(watched: Watched) -> tuple[bool, int, object]:
    standing = watched.standing
    if standing is None:
        return (False, 0, 0)
    return (True, -int(watched.level), -standing.share)
