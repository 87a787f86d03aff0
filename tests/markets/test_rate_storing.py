"""What becomes of a sheet: kept, judged, alarmed about; and what staff decides of it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from markets.derivation import NoRate
from markets.exchange import (
    AlreadyDecided,
    CannotBeApproved,
    Tier,
    approve_rate,
    latest_rates,
    reject_rate,
    set_manual_rate,
    store_sheet,
    store_sheets,
    watch_rates,
    withdraw_manual_rate,
)
from markets.exchange.alarms import raise_alarm
from markets.models import ExchangeRate, RateAlarm, RateProblem
from markets.rate_feeds.sheet import RateSheet
from tests.factories import make_variant
from tests.markets.rows import add_base_price, bare_market

pytestmark = pytest.mark.django_db
MONDAY = date(2026, 11, 23)
TUESDAY = MONDAY + timedelta(days=1)


def evening(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 16, tzinfo=UTC)


def sheet(day: date, **rates: str) -> RateSheet:
    return RateSheet(day, "EUR", {code: Decimal(rate) for code, rate in rates.items()})


def store(day: date, **rates: str) -> int:
    return store_sheet(sheet(day, **rates), provider="ecb", now=evening(day))


def rate(currency: str, day: date = TUESDAY) -> Decimal:
    return latest_rates(now=evening(day)).conversion("EUR", currency)[0]


def open_alarms() -> list[tuple[str, str, str]]:
    rows = RateAlarm.objects.filter(cleared_at=None)
    return sorted(rows.values_list("kind", "provider", "currency"))


def quarantined() -> ExchangeRate:
    return ExchangeRate.objects.get(status="quarantined")


@pytest.mark.parametrize("value", ["1.004", "1.03"])
def test_small_moves_are_accepted(value: str) -> None:
    store(MONDAY, USD="1.00")
    assert store(TUESDAY, USD=value) == 1
    assert rate("USD") == Decimal(value)
    assert open_alarms() == []


@pytest.mark.parametrize(
    ("value", "kept", "problem"),
    [("0", "0", "invalid"), ("-1.2", "0", "invalid"), ("1.15", "1.15", "jump"),
     ("0.85", "0.85", "jump")],
)  # fmt: skip
def test_bad_rate_is_kept_but_not_used(
    value: str, kept: str, problem: str, caplog: pytest.LogCaptureFixture
) -> None:
    store(MONDAY, USD="1.00", GBP="0.85")
    assert store(TUESDAY, USD=value, GBP="0.86") == 1
    assert (rate("USD"), rate("GBP")) == (Decimal("1.00"), Decimal("0.86"))
    row = quarantined()
    assert (row.rate, row.given, row.problem) == (Decimal(kept), value, problem)
    assert (row.as_of, row.fetched_at) == (TUESDAY, evening(TUESDAY))
    assert open_alarms() == [(problem, "ecb", "USD")]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_feed_that_is_asked_again_says_nothing_new(caplog: pytest.LogCaptureFixture) -> None:
    store(MONDAY, USD="1.00", GBP="0.85")
    for _ in range(3):
        store(TUESDAY, USD="1.15", GBP="0.86")
    assert ExchangeRate.objects.count() == 4
    assert RateAlarm.objects.count() == len(caplog.records) == 1


def test_good_quote_clears_the_alarm() -> None:
    store(MONDAY, USD="1.00")
    store(TUESDAY, USD="1.15")
    wednesday = TUESDAY + timedelta(days=1)
    store(wednesday, USD="1.01")
    assert open_alarms() == []
    assert RateAlarm.objects.get().cleared_at == evening(wednesday)
    assert rate("USD", wednesday) == Decimal("1.01")


@pytest.mark.parametrize("currency", ["BGN", "HRK"])
def test_currency_that_left_the_feed_keeps_its_last_good(currency: str) -> None:
    store(MONDAY, **{"USD": "1.10", currency: "1.9558"})
    store(TUESDAY, USD="1.10")
    assert open_alarms() == [("missing", "ecb", currency)]
    assert rate(currency) == Decimal("1.9558")
    # Staff has seen it: what is fetched afterwards does not bring it up again.
    RateAlarm.objects.update(cleared_at=evening(TUESDAY))
    store(TUESDAY, USD="1.10")
    store(TUESDAY + timedelta(days=1), USD="1.10")
    assert open_alarms() == []
    later = latest_rates(now=evening(TUESDAY + timedelta(days=7)))
    assert later.tier(currency) is Tier.BLOCKED


def test_unknown_currency_is_set_aside() -> None:
    assert store(MONDAY, USD="1.10", QQQ="2") == 1
    assert open_alarms() == [("unknown", "ecb", "QQQ")]
    with pytest.raises(NoRate):
        rate("QQQ", MONDAY)
    with pytest.raises(CannotBeApproved):
        approve_rate(quarantined().pk, now=evening(MONDAY), user_id=None)


def test_older_sheet_is_set_aside_with_one_alarm() -> None:
    store(TUESDAY, USD="1.10", GBP="0.85")
    old = sheet(MONDAY, USD="1.09", GBP="0.84")
    assert store_sheet(old, provider="ecb", now=evening(TUESDAY)) == 0
    assert open_alarms() == [("older", "ecb", "")]
    assert rate("USD") == Decimal("1.10")
    store(TUESDAY + timedelta(days=1), USD="1.11", GBP="0.85")
    assert open_alarms() == []


def test_sheet_of_a_day_to_come_is_refused() -> None:
    tomorrow = sheet(TUESDAY, USD="1.10")
    assert store_sheet(tomorrow, provider="ecb", now=evening(MONDAY)) == 0
    assert ExchangeRate.objects.count() == 0
    assert open_alarms() == [("future", "ecb", "")]


def test_second_value_of_a_day_waits_for_staff() -> None:
    user = get_user_model().objects.create_user(email="boss@example.org")
    store(MONDAY, USD="1.10")
    later = evening(MONDAY) + timedelta(hours=2)
    assert store_sheet(sheet(MONDAY, USD="1.11"), provider="ecb", now=later) == 0
    assert open_alarms() == [("changed", "ecb", "USD")]
    approved = approve_rate(quarantined().pk, now=later, user_id=user.pk, reason="corrected")
    assert [row.given for row in approved] == ["1.11"]
    assert latest_rates(now=later).conversion("EUR", "USD")[0] == Decimal("1.11")
    # What counted at the time still does, for that time.
    assert rate("USD", MONDAY) == Decimal("1.10")
    assert open_alarms() == []


def test_approved_quote_counts_from_the_decision_and_takes_later_ones_along() -> None:
    user = get_user_model().objects.create_user(email="boss@example.org")
    wednesday, thursday = TUESDAY + timedelta(days=1), TUESDAY + timedelta(days=2)
    store(MONDAY, USD="1.00")
    store(TUESDAY, USD="1.15")
    store(wednesday, USD="1.16")
    store(thursday, USD="2.00")
    first = ExchangeRate.objects.get(as_of=TUESDAY)
    now = evening(thursday) + timedelta(hours=1)
    approved = approve_rate(first.pk, now=now, user_id=user.pk, reason="true")
    assert [row.as_of for row in approved] == [TUESDAY, wednesday]
    first.refresh_from_db()
    assert (first.status, first.decided_by, first.decided_at, first.reason) == (
        "accepted", user, now, "true",
    )  # fmt: skip
    assert latest_rates(now=now).conversion("EUR", "USD")[0] == Decimal("1.16")
    assert rate("USD", thursday) == Decimal("1.00")
    # That of Thursday still waits.
    assert open_alarms() == [("jump", "ecb", "USD")]


def test_rejected_quote_is_never_used_nor_asked_about_again() -> None:
    user = get_user_model().objects.create_user(email="boss@example.org")
    store(MONDAY, USD="1.00")
    store(TUESDAY, USD="1.15")
    row = reject_rate(quarantined().pk, now=evening(TUESDAY), user_id=user.pk)
    assert (row.status, row.decided_by) == ("rejected", user)
    assert open_alarms() == []
    assert RateAlarm.objects.get().cleared_by == user
    store(TUESDAY, USD="1.15")
    assert open_alarms() == []
    assert rate("USD") == Decimal("1.00")
    for decide in (approve_rate, reject_rate):
        with pytest.raises(AlreadyDecided):
            decide(row.pk, now=evening(TUESDAY), user_id=user.pk)


def test_band_of_a_currency_can_be_wider(settings: object) -> None:
    settings.RATE_JUMP_BANDS = {"TRY": Decimal("0.25")}  # type: ignore[attr-defined]
    store(MONDAY, TRY="40", USD="1.00")
    assert store(TUESDAY, TRY="48", USD="1.20") == 1
    assert rate("TRY") == Decimal(48)


def test_settled_history_fills_gaps_and_is_not_held_back() -> None:
    store(TUESDAY, USD="1.10")
    days = [
        sheet(date(2008, 10, 1), ISK="150", USD="1.4", CYP="0.58"),
        sheet(date(2008, 10, 2), ISK="250", USD="1.3", CYP="0.58"),
        sheet(TUESDAY, USD="1.10"),
    ]
    added = store_sheets(days, provider="ecb", now=evening(TUESDAY), settled=True)
    assert added == ExchangeRate.objects.filter(status="accepted").count() - 1
    assert set(ExchangeRate.objects.filter(quote="ISK").values_list("status", flat=True)) == {
        "accepted"
    }
    assert RateAlarm.objects.count() == 0
    assert store_sheets(days, provider="ecb", now=evening(TUESDAY), settled=True) == 0
    assert rate("USD") == Decimal("1.10")


def test_manual_rate_wins_through_its_last_day() -> None:
    user = get_user_model().objects.create_user(email="boss@example.org")
    store(MONDAY, USD="1.10", GBP="0.85")
    now = evening(MONDAY) + timedelta(hours=1)
    for value in ("1.21", "1.20"):  # The second corrects the first.
        row = set_manual_rate(
            "USD",
            Decimal(value),
            last_day=TUESDAY,
            reason="bank rate",
            now=now,
            user_id=user.pk,
        )
    assert latest_rates(now=now).conversion("EUR", "USD") == (Decimal("1.20"), row)
    assert latest_rates(now=now).age_business_days("USD") == 0
    assert rate("USD", TUESDAY) == Decimal("1.20")
    assert rate("USD", TUESDAY + timedelta(days=1)) == Decimal("1.10")
    assert withdraw_manual_rate(row.pk, now=now + timedelta(hours=1))
    assert rate("USD", TUESDAY) == Decimal("1.10")


def test_manual_rate_needs_a_reason_and_a_last_day() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        set_manual_rate(
            "USD", Decimal(1), last_day=MONDAY, reason="", now=evening(MONDAY), user_id=None
        )
    with pytest.raises(ValueError, match="no rate"):
        set_manual_rate(
            "USD", Decimal(0), last_day=MONDAY, reason="x", now=evening(MONDAY), user_id=None
        )


@pytest.mark.parametrize(
    "change",
    ["rate = 2", "as_of = as_of - 1", "provider = 'other'", "base = 'GBP'", "given = '3'"],
)
def test_database_never_changes_a_quote(change: str) -> None:
    store(MONDAY, USD="1.10")
    with (
        pytest.raises(IntegrityError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE markets_exchangerate SET {change}")
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.all().delete()


def test_database_lets_no_bad_rate_be_accepted() -> None:
    store(MONDAY, USD="0")
    with pytest.raises(IntegrityError), transaction.atomic():
        ExchangeRate.objects.update(status="accepted")


def test_rate_set_by_hand_anew_ends_the_one_before_for_good() -> None:
    store(MONDAY, USD="1.00")
    for back, value in ((1, "1.02"), (0, "1.04")):
        row = set_manual_rate(
            "USD", Decimal(value), last_day=TUESDAY, reason="hedged",
            now=evening(MONDAY - timedelta(days=back)), user_id=None,
        )  # fmt: skip
    assert rate("USD", MONDAY) == Decimal("1.04")
    assert withdraw_manual_rate(row.pk, now=evening(TUESDAY))
    assert rate("USD", MONDAY) == Decimal("1.04")
    assert rate("USD", TUESDAY) == Decimal("1.00")


def test_alarm_is_open_once() -> None:
    now = evening(MONDAY)
    assert raise_alarm(RateProblem.FEED, provider="ecb", detail="down", now=now)
    assert not raise_alarm(RateProblem.FEED, provider="ecb", detail="still down", now=now)
    assert RateAlarm.objects.get().detail == "still down"
    with pytest.raises(IntegrityError), transaction.atomic():
        RateAlarm.objects.create(kind="feed", provider="ecb", raised_at=now)


def test_watch_raises_an_alarm_for_rates_in_use_that_are_old() -> None:
    add_base_price(make_variant(), "20.00", "EUR")
    bare_market("us", "USD")
    store(MONDAY, USD="1.10", GBP="0.85")
    assert watch_rates(now=evening(MONDAY + timedelta(days=2))) == []
    friday = MONDAY + timedelta(days=4)
    assert watch_rates(now=evening(friday)) == ["USD"]
    assert watch_rates(now=evening(friday + timedelta(days=2))) == ["USD"]
    assert open_alarms() == [("stale", "", "USD")]
    store(friday, USD="1.10", GBP="0.85")
    assert watch_rates(now=evening(friday)) == []
    assert open_alarms() == []


def test_watch_raises_an_alarm_where_there_is_no_rate() -> None:
    add_base_price(make_variant(), "20.00", "EUR")
    bare_market("us", "USD")
    assert watch_rates(now=evening(MONDAY)) == ["USD"]


def test_watch_is_silent_where_nothing_is_converted() -> None:
    add_base_price(make_variant(), "20.00", "USD")
    bare_market("us", "USD")
    assert watch_rates(now=evening(MONDAY)) == []
