from datetime import date, timedelta
from decimal import Decimal
from xml.etree.ElementTree import fromstring

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from markets.admin.rate_chart import plot_rates, thin_out
from markets.exchange import latest_rates, store_sheet, watch_rates
from markets.models import ExchangeRate, Price, RateAlarm
from markets.pricing import derive_prices
from markets.rate_feeds.sheet import RateSheet
from tests.factories import make_variant
from tests.markets.rows import add_base_price, add_peg, bare_market
from tests.markets.test_admin import page, run

pytestmark = pytest.mark.django_db
CHART = "/admin/markets/exchangerate/history/"


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


def today() -> date:
    return timezone.now().date()


def store(back: int, **rates: str) -> None:
    given = {code: Decimal(rate) for code, rate in rates.items()}
    sheet = RateSheet(today() - timedelta(days=back), "EUR", given)
    store_sheet(sheet, provider="ecb", now=timezone.now())


def decide(staff: Client, action: str, *ids: int) -> str:
    data = {
        "action": action,
        "_selected_action": [str(i) for i in ids],
        "decided": "yes",
        "reason": "asked the bank",
    }
    return staff.post(page(ExchangeRate), data, follow=True).content.decode()


def held_back() -> ExchangeRate:
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD", endings="")
    store(1, USD="1.00", GBP="0.85")
    store(0, USD="1.15", GBP="0.85")
    derive_prices(now=timezone.now())
    return ExchangeRate.objects.get(status="quarantined")


def test_list_shows_age_tier_and_alarms_of_rates_in_force(staff: Client) -> None:
    held_back()
    store(0, GBP="0.85", USD="1.15")
    html = staff.get(page(ExchangeRate)).content.decode()
    panel = html[html.index('id="rates-in-force"') : html.index("</section>")]
    assert 'history/?currency=USD"' in panel
    assert "up to date" in panel
    assert "jump beyond the band" in panel
    assert "GBP" not in panel  # Nothing is sold or priced in it.


def test_list_shows_a_rate_that_is_too_old(staff: Client) -> None:
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD")
    store(20, USD="1.10")
    watch_rates(now=timezone.now())
    html = staff.get(page(ExchangeRate)).content.decode()
    panel = html[html.index('id="rates-in-force"') : html.index("</section>")]
    assert "too old: nothing is priced by it" in panel
    alarms = staff.get(page(RateAlarm)).content.decode()
    assert "too old" in alarms


def test_approval_asks_first(staff: Client) -> None:
    row = held_back()
    html = run(staff, ExchangeRate, "approve", row.pk)
    assert "EUR/USD 1.15" in html
    assert "Approve and reprice" in html
    row.refresh_from_db()
    assert row.status == "quarantined"


def test_approval_accepts_reprices_and_keeps_who_and_when(staff: Client) -> None:
    row = held_back()
    before = timezone.now()
    html = decide(staff, "approve", row.pk)
    assert "1 rate accepted." in html
    row.refresh_from_db()
    assert (row.status, row.reason) == ("accepted", "asked the bank")
    assert row.decided_by is not None
    assert row.decided_by.email == "boss@example.org"
    assert row.decided_at is not None
    assert row.decided_at >= before
    rate, used = latest_rates(now=timezone.now()).conversion("EUR", "USD")
    assert (rate, used) == (Decimal("1.15"), row)
    assert not RateAlarm.objects.filter(cleared_at=None).exists()


def test_rejection_changes_no_price(staff: Client) -> None:
    row = held_back()
    prices = list(Price.objects.values())
    assert "1 rate rejected." in decide(staff, "reject", row.pk)
    row.refresh_from_db()
    assert row.status == "rejected"
    assert list(Price.objects.values()) == prices
    assert "0 rates accepted." in decide(staff, "approve", row.pk)


def test_decisions_need_the_permission(client: Client) -> None:
    row = held_back()
    user = get_user_model().objects.create_user(email="looker@example.org", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(user)
    assert client.get(CHART).status_code == 200
    decide(client, "approve", row.pk)
    row.refresh_from_db()
    assert row.status == "quarantined"
    user.user_permissions.clear()
    assert client.get(CHART).status_code == 403


def manual(**changes: object) -> dict[str, object]:
    return {
        "currency": "USD", "new_rate": "1.05", "through": today() + timedelta(days=3),
        "why": "hedged", **changes,
    }  # fmt: skip


def test_manual_rate_is_set_with_a_reason(staff: Client) -> None:
    store(1, USD="1.00")
    add_base_price(make_variant(), "20.00")
    bare_market("us", "USD", endings="")
    assert staff.post(page(ExchangeRate, "add"), manual()).status_code == 302
    row = ExchangeRate.objects.get(provider="manual")
    assert (row.rate, row.reason, row.last_day) == (
        Decimal("1.05"), "hedged", today() + timedelta(days=3),
    )  # fmt: skip
    assert latest_rates(now=timezone.now()).conversion("EUR", "USD")[1] == row
    assert Price.objects.get(valid_to=None).rate == row
    assert "1 rate ended." in run(staff, ExchangeRate, "withdraw", row.pk)
    assert latest_rates(now=timezone.now()).conversion("EUR", "USD")[0] == Decimal(1)
    assert LogEntry.objects.filter(object_id=row.pk).latest("action_time").user.email == (
        "boss@example.org"
    )


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"new_rate": "0"}, "more than zero"),
        ({"new_rate": "10.5"}, "950.0%"),
        ({"why": ""}, "required"),
        ({"through": "2001-01-01"}, "from today"),
        ({"through": "2999-01-01"}, "from today"),
    ],
)
def test_manual_rate_is_refused_with_words(
    staff: Client, changes: dict[str, object], says: str
) -> None:
    store(1, USD="1.00")
    answer = staff.post(page(ExchangeRate, "add"), manual(**changes))
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert not ExchangeRate.objects.filter(provider="manual").exists()


def test_manual_rate_far_off_needs_a_second_look(staff: Client) -> None:
    store(1, USD="1.00")
    data = manual(new_rate="1.5", is_sure="on")
    assert staff.post(page(ExchangeRate, "add"), data).status_code == 302


def test_alarms_list_open_ones_first_and_are_cleared(staff: Client) -> None:
    now = timezone.now()
    old = RateAlarm.objects.create(
        kind="missing", provider="ecb", currency="BGN", raised_at=now, cleared_at=now
    )
    alarm = RateAlarm.objects.create(
        kind="missing", provider="ecb", currency="HRK", raised_at=now - timedelta(days=1)
    )
    assert list(RateAlarm.objects.all()) == [alarm, old]
    assert staff.get(page(RateAlarm, "change", alarm.pk)).status_code == 200
    assert "1 alarm cleared." in run(staff, RateAlarm, "clear", alarm.pk)
    alarm.refresh_from_db()
    assert alarm.cleared_by is not None


def test_history_has_a_chart_and_a_table(staff: Client) -> None:
    for back in range(60, 0, -1):
        store(back, USD=f"1.{1000 + back}", GBP="0.85")
    store(0, USD="1.50", GBP="0.85")
    html = staff.get(CHART, {"currency": "USD", "days": "90"}).content.decode()
    svg = html[html.index("<svg", html.index("<figure")) : html.index("</svg>") + 6]
    drawing = fromstring(svg)  # noqa: S314 - our own
    (line,) = drawing.iter("polyline")
    assert len(line.attrib["points"].split()) == 60
    assert len(list(drawing.iter("circle"))) == 1  # In quarantine.
    assert html.count("<td", html.index("<details")) == 120
    assert "1.106" in html


@pytest.mark.parametrize(
    "query",
    ["", "?currency=AED", "?currency=<x>&days=7&provider=y", "?currency=USD&days=all"],
)
def test_history_opens_whatever_is_asked(staff: Client, query: str) -> None:
    assert staff.get(CHART + query).status_code == 200
    add_peg()
    store(1, USD="1.10")
    assert staff.get(CHART + query).status_code == 200


def test_history_is_drawn_in_each_language(staff: Client) -> None:
    for back in range(9, 0, -1):
        store(back, USD="1.1")
    for language in ("de", "ar", "ja"):
        headers = {"Accept-Language": language}
        html = staff.get(CHART, headers=headers).content.decode()
        svg = html[html.index("<svg", html.index("<figure")) : html.index("</svg>") + 6]
        assert {"x1", "x2", "y1", "y2"} <= set(next(fromstring(svg).iter("line")).attrib)  # noqa: S314


def test_chart_scales_to_round_figures() -> None:
    first = date(2026, 1, 1)
    chart = plot_rates(
        [(first, Decimal("1.0312")), (first + timedelta(days=10), Decimal("1.1788"))],
        marks=[(first + timedelta(days=5), Decimal(9))],
    )
    assert chart is not None
    assert [tick.text for tick in chart.rates] == [
        Decimal("1.00"), Decimal("1.05"), Decimal("1.10"), Decimal("1.15"), Decimal("1.20"),
    ]  # fmt: skip
    assert chart.marks[0].y == chart.rates[-1].at
    assert plot_rates([(first, Decimal(1)), (first + timedelta(days=1), Decimal(1))]) is not None
    assert plot_rates([(first, Decimal(1))]) is None


def test_thinning_out_keeps_the_newest() -> None:
    first = date(2026, 1, 1)
    points = [(first + timedelta(days=n), Decimal(n + 1)) for n in range(100)]
    thinned = thin_out(points, most=30)
    assert len(thinned) <= 30
    assert thinned[-1] == points[-1]
