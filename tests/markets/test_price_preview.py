"""The merchant's look at a shopper's price: linked, readable and the shop's own answer."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from djmoney.money import Money

from markets.admin.promotion_reasons import describe_coupon, describe_promotion
from markets.models import CustomerGroup, ListPrice, Price
from markets.pricing import derive_prices, set_list_price
from markets.promotions import (
    CouponAnswer,
    CouponReason,
    PromotionReason,
    PromotionTried,
    Verdict,
)
from tests.factories import make_price, make_promotion, make_variant
from tests.markets.rows import add_base_price, add_rates, bare_market

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


def look(staff: Client, **asked: str | int) -> str:
    answer = staff.get(reverse("admin:markets_price_preview"), asked)
    assert answer.status_code == 200
    return answer.content.decode()


def test_preview_opens_empty_and_says_what_it_does_not_know(staff: Client) -> None:
    assert 'data-test="preview-price"' not in look(staff)
    assert "No variant has the SKU" in look(staff, sku="NOPE", market=bare_market().pk)


def test_preview_is_for_staff_who_may_see_prices(client: Client) -> None:
    address = reverse("admin:markets_price_preview")
    assert client.get(address).status_code == 302
    user = get_user_model().objects.create_user(email="new@example.org", is_staff=True)
    client.force_login(user)
    assert client.get(address).status_code == 403


def test_preview_shows_price_trace_and_lowest_price(staff: Client) -> None:
    variant, market = make_variant(), bare_market("de", lowest_price_days=30)
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    now = timezone.now()
    make_price(variant, market, "24", valid_to=now - 3 * DAY)
    make_price(variant, market, "25", valid_from=now - 3 * DAY)
    make_price(variant, market, "21", group=trade, min_quantity=5, valid_from=now - DAY,
               is_reduction=True)  # fmt: skip
    make_price(variant, market, "22", min_quantity=10, valid_from=now - 2 * DAY)
    html = look(staff, sku=variant.sku, market=market.pk)
    assert '<p class="text-2xl" data-test="preview-price">€25.00</p>' in html
    for words in (
        "From 10 units on: €22.00 each.", "Only for Trade.", "The only price that applies.",
        "No longer in force", "Lowest price of the 30 days before this moment: €24.00",
    ):  # fmt: skip
        assert words in html, words
    html = look(staff, sku=variant.sku, market=market.pk, quantity=10, groups=trade.pk)
    assert '<p class="text-2xl" data-test="preview-price">€21.00</p>' in html
    assert "Dearer by €1.00 than the price that won." in html
    assert "Announced as a reduction of 4 % from €22.00" in html


def cells(html: str, table: str) -> list[list[str]]:
    """Give the rows of one of the preview's tables, as their texts."""
    body = html.split(f'data-test="{table}"', 1)[1].split("<tbody>", 1)[1].split("</tbody>", 1)[0]
    return [
        [unescape(strip_tags(cell)).strip() for cell in row.split("</td>")[:-1]]
        for row in body.split("</tr>")[:-1]
    ]


def test_preview_tells_of_each_promotion_why_it_applies_or_not(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    now = timezone.now()
    make_price(variant, market, "20")
    make_promotion(name="Half a percent off", percent=Decimal("0.5"), priority=1)
    make_promotion(name="Trade week", customer_groups=[trade], priority=2)
    make_promotion(name="Spend a hundred", amounts={"EUR": (None, "100")}, priority=3)
    make_promotion(bare_market("ch", "CHF"), name="Elsewhere", priority=4)
    make_promotion(name="Later", valid_from=now + DAY, priority=5)
    make_promotion(market, name="Spring", coupon="SPRING", action="amount",
                   amounts={"EUR": ("3", None)}, combines=False, priority=6)  # fmt: skip
    html = look(staff, sku=variant.sku, market=market.pk, quantity=2)
    assert cells(html, "preview-promotions") == [
        ["Half a percent off", "€0.20", "won", "Applies."],
        ["Trade week", "–", "lost", "Only for customer groups that the shopper is not in."],
        ["Spend a hundred", "–", "lost", "The goods it is meant for cost €60.00 too little."],
        ["Elsewhere", "–", "lost", "Not meant for this market."],
        ["Later", "–", "lost", "Not in force yet."],
        ["Spring", "–", "lost", "Only with its coupon."],
    ]
    assert "2 units: €39.80 (promotions take off €0.20)" in html
    html = look(staff, sku=variant.sku, market=market.pk, quantity=2, groups=trade.pk,
                coupon="spring")  # fmt: skip
    won = [row for row in cells(html, "preview-promotions") if row[2] == "won"]
    assert won == [
        ["Half a percent off", "€0.20", "won", "Applies."],
        ["Trade week", "€3.98", "won", "Applies."],
    ]
    assert "Other promotions are worth more, and the coupon does not combine" in html
    html = look(staff, sku=variant.sku, market=market.pk, quantity=2, coupon="SPRING")
    assert "The coupon holds." in html
    assert "2 units: €37.00 (promotions take off €3.00)" in html
    assert "There is no such coupon." in look(
        staff, sku=variant.sku, market=market.pk, coupon="NOPE"
    )
    later = (now + 3 * DAY).date().isoformat()
    rows = cells(look(staff, sku=variant.sku, market=market.pk, day=later), "preview-promotions")
    assert ["Later", "€1.99", "won", "Applies."] in rows


def test_every_reason_has_words_of_its_own() -> None:
    reasons = [
        describe_promotion(
            PromotionTried(1, 1, "Ten off", Verdict.LOST, reason, Decimal(0), Decimal(7)), "EUR"
        )
        for reason in PromotionReason
    ]
    coupons = [
        describe_coupon(CouponAnswer("TEN", False, reason, Decimal(7)), "EUR")
        for reason in CouponReason
    ]
    words = [*reasons, *coupons]
    assert len(set(words)) == len(PromotionReason) + len(CouponReason)
    assert sum("€7.00" in text for text in words) == 2


def test_preview_of_a_later_day_has_the_planned_price(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    now = timezone.now()
    make_price(variant, market, "25")
    set_list_price(variant.pk, market, Decimal(20), valid_from=now + 2 * DAY, now=now)
    assert "€25.00</p>" in look(staff, sku=variant.sku, market=market.pk)
    day = (now + 4 * DAY).date().isoformat()
    assert "€20.00</p>" in look(staff, sku=variant.sku, market=market.pk, day=day)


def test_preview_tells_how_a_derived_price_came_about(staff: Client) -> None:
    add_rates(as_of=(timezone.now() - DAY).date())  # An older rate would have its buffer.
    variant = make_variant()
    market = bare_market("jp", "JPY", ending_step=Decimal(100), endings="80",
                         fx_margin=Decimal("0.02"))  # fmt: skip
    add_base_price(variant, "20.00")
    derive_prices(now=timezone.now())
    html = look(staff, sku=variant.sku, market=market.pk)
    for words in ("€20.00", "× 163.36 JPY per EUR; ecb of", "× 1.0200", "80 in steps of 100",
                  "= 3332.544 JPY", "¥3,380"):  # fmt: skip
        assert words in html, words


def test_product_variant_and_price_pages_lead_to_the_preview(staff: Client) -> None:
    variant, market = make_variant(sku="A B&1"), bare_market()
    price = make_price(variant, market, min_quantity=3)
    preview = reverse("admin:markets_price_preview")
    for page, link in (
        (reverse("admin:catalog_product_change", args=[variant.product_id]),
         f"?product={variant.product_id}"),
        (reverse("admin:catalog_variant_change", args=[variant.pk]), "?sku=A%20B%261"),
        (reverse("admin:markets_price_change", args=[price.pk]),
         f"?sku=A%20B%261&amp;market={market.pk}&amp;quantity=3"),
    ):  # fmt: skip
        assert f'href="{preview}{link}"' in staff.get(page).content.decode(), page
    assert 'value="A B&amp;1"' in look(staff, product=variant.product_id)


def form(**changes: object) -> dict[str, object]:
    return {"min_quantity": 1, "new_amount": "17.77", **changes}


def test_price_list_form_adds_a_price_for_a_group_and_a_time(staff: Client) -> None:
    variant, market = make_variant(), bare_market()
    trade = CustomerGroup.objects.create(code="trade", name="Trade")
    add = reverse("admin:markets_listprice_add")
    assert staff.get(add).status_code == 200
    data = form(variant=variant.pk, market=market.pk, group=trade.pk, min_quantity=5,
                is_reduction="on", begins_0="2199-01-01", begins_1="08:00",
                valid_to_0="2199-02-01", valid_to_1="08:00")  # fmt: skip
    assert staff.post(add, data).status_code == 302
    row = Price.objects.get()
    assert (row.amount, row.group, row.min_quantity, row.is_reduction) == (
        Money("17.77", "EUR"), trade, 5, True,
    )  # fmt: skip
    assert (row.valid_from.year, row.valid_to and row.valid_to.month) == (2199, 2)
    listed = staff.get(reverse("admin:markets_listprice_changelist"))
    assert variant.sku in listed.content.decode()
    answer = staff.post(
        reverse("admin:markets_listprice_changelist"),
        {"action": "end", "_selected_action": [row.pk]},
        follow=True,
    )
    assert "1 price was ended." in answer.content.decode()
    assert not ListPrice.objects.exists()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"new_amount": "17.777"}, "finer"),
        ({"new_amount": "0"}, "more than zero"),
        ({"begins_0": "2020-01-01", "begins_1": "08:00"}, "cannot be priced anew"),
        ({"valid_to_0": "2020-01-01", "valid_to_1": "08:00"}, "ends before it begins"),
        ({"valid_to_0": "2199-06-01", "valid_to_1": "08:00"}, "Another price is planned"),
    ],
)
def test_price_list_form_refuses_what_makes_no_sense(
    staff: Client, changes: dict[str, object], says: str
) -> None:
    variant, market = make_variant(), bare_market()
    make_price(variant, market, valid_from=timezone.now() + 9 * DAY)
    data = form(variant=variant.pk, market=market.pk, **changes)
    answer = staff.post(reverse("admin:markets_listprice_add"), data)
    assert answer.status_code == 200
    assert says in answer.content.decode()
    assert Price.objects.count() == 1


def test_customer_groups_are_given_to_people_in_admin(staff: Client) -> None:
    assert staff.get(reverse("admin:markets_customergroup_changelist")).status_code == 200
    user = get_user_model().objects.get()
    html = staff.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
    assert 'name="customer_groups"' in html
