"""The merchant's pages of promotions: what they say, refuse, publish and hand out."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import translation

from catalog.models import Category
from markets.models import Coupon, Market, Promotion, PromotionVersion
from markets.promotions.wording import describe_terms, read_names
from tests.factories import make_category, make_coupon, make_product, make_promotion
from tests.markets.rows import bare_market

pytestmark = pytest.mark.django_db
ADD = reverse("admin:markets_promotion_add")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(get_user_model().objects.create_superuser(email="boss@example.org"))
    return client


def page(promotion: Promotion) -> str:
    return reverse("admin:markets_promotion_change", args=[promotion.pk])


def fields(response: Any) -> dict[str, Any]:
    """Give what a browser would send if the page were saved as it is."""
    forms = [response.context["adminform"].form]
    for inline in response.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for bound in (bound for form in forms for bound in form):
        value, widget = bound.value(), bound.field.widget
        if hasattr(widget, "widgets"):
            for suffix, part in zip(widget.widgets_names, widget.decompress(value), strict=True):
                data[bound.html_name + suffix] = "" if part is None else part
        elif value is not None and value is not False:
            data[bound.html_name] = value
    return data


def save(staff: Client, promotion: Promotion, **changes: Any) -> Any:
    data = fields(staff.get(page(promotion))) | changes
    return staff.post(page(promotion), data, follow=True)


def errors(response: Any) -> list[str]:
    context = response.context
    found = [str(error) for row in context["adminform"].form.errors.values() for error in row]
    for inline in context["inline_admin_formsets"]:
        found += inline.formset.non_form_errors()
        found += [
            str(e) for form in inline.formset.forms for row in form.errors.values() for e in row
        ]
    return found


def amounts(**of: tuple[str, str]) -> dict[str, str]:
    """Give the fields of rows of amounts, as on the page of a promotion that has none yet."""
    data = {"amounts-TOTAL_FORMS": str(len(of)), "amounts-INITIAL_FORMS": "0"}
    for number, (currency, (amount, threshold)) in enumerate(of.items()):
        data[f"amounts-{number}-currency"] = currency
        data[f"amounts-{number}-amount"] = amount
        data[f"amounts-{number}-threshold"] = threshold
    return data


@pytest.fixture
def draft() -> Promotion:
    bare_market(name="Germany")
    bare_market("jp", "JPY", name="Japan")
    return Promotion.objects.create(name="Five off", action="amount")


def test_new_promotion_leads_to_the_page_that_publishes_it(staff: Client) -> None:
    bare_market()
    data = fields(staff.get(ADD)) | {"name_en": "Autumn sale", "percent": "15"}
    response = staff.post(ADD, data, follow=True)
    promotion = Promotion.objects.get()
    assert response.redirect_chain[-1][0] == page(promotion)
    html = response.content.decode()
    assert "15 % off everything." in html
    assert "markets_promotion_publish" in html
    assert not PromotionVersion.objects.exists()
    save(staff, promotion, markets_promotion_publish="1")
    promotion.refresh_from_db()
    version = promotion.versions.get()
    assert (promotion.status, version.number) == ("published", 1)
    assert version.made_by == get_user_model().objects.get()
    assert "markets_promotion_end" in staff.get(page(promotion)).content.decode()


def test_change_of_a_published_promotion_is_its_next_version(staff: Client) -> None:
    bare_market()
    promotion = make_promotion()
    save(staff, promotion, note="Only a note")
    assert promotion.versions.count() == 1
    save(staff, promotion, percent="20")
    html = staff.get(page(promotion)).content.decode()
    assert [row.terms["percent"] for row in promotion.versions.all()] == ["20", "10"]
    assert html.count("20 % off everything.") == 2  # The promotion's, and its last version's.
    assert html.count("10 % off everything.") == 1
    save(staff, promotion, markets_promotion_end="1")
    promotion.refresh_from_db()
    assert promotion.status == "ended"


def test_amounts_are_asked_for_in_the_currencies_of_the_markets(
    staff: Client, draft: Promotion
) -> None:
    formset = staff.get(page(draft)).context["inline_admin_formsets"][0].formset
    assert [form["currency"].value() for form in formset.forms] == ["EUR", "JPY"]
    draft.markets.add(Market.objects.get(currency="JPY"))
    formset = staff.get(page(draft)).context["inline_admin_formsets"][0].formset
    assert [form["currency"].value() for form in formset.forms] == ["JPY"]


def test_publishing_waits_for_the_amount_of_each_currency(staff: Client, draft: Promotion) -> None:
    publish = {"markets_promotion_publish": "1"}
    response = save(staff, draft, **publish, **amounts(EUR=("5", "50"), JPY=("", "")))
    assert errors(response) == [
        "There is no amount in JPY, in which Japan pays.",
    ]
    response = save(staff, draft, **publish, **amounts(EUR=("5", "50"), JPY=("500", "")))
    assert errors(response) == ["There is no minimum spend in JPY, in which Japan pays."]
    response = save(staff, draft, **publish, **amounts(EUR=("5", "50"), JPY=("0.5", "5000")))
    assert errors(response) == ["This is finer than the currency can be paid in."]
    assert not PromotionVersion.objects.exists()
    save(staff, draft, **publish, **amounts(EUR=("5", "50"), JPY=("500", "5000")))
    assert PromotionVersion.objects.get().terms["amounts"] == {"EUR": "5", "JPY": "500"}


def test_draft_is_saved_as_far_as_it_is(staff: Client, draft: Promotion) -> None:
    save(staff, draft, **amounts(EUR=("5", ""), JPY=("", "")))
    assert list(draft.amounts.values_list("currency", flat=True)) == ["EUR"]
    html = staff.get(reverse("admin:markets_promotion_changelist")).content.decode()
    assert "There is no amount in JPY, in which Japan pays." in html
    save(staff, draft, **{"amounts-0-amount": ""})
    assert not draft.amounts.exists()


def test_amount_that_a_published_promotion_needs_is_not_taken_out(staff: Client) -> None:
    bare_market(name="Germany")
    promotion = make_promotion(action="amount", amounts={"EUR": ("5", None)})
    response = save(staff, promotion, **{"amounts-0-amount": ""})
    assert errors(response) == ["There is no amount in EUR, in which Germany pays."]
    assert promotion.amounts.count() == 1


def test_currency_of_a_later_market_is_seen_as_missing(staff: Client) -> None:
    bare_market()
    make_promotion(action="amount", amounts={"EUR": ("5", None)})
    bare_market("jp", "JPY", name="Japan")
    html = staff.get(reverse("admin:markets_promotion_changelist")).content.decode()
    assert "There is no amount in JPY, in which Japan pays." in html


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"percent": ""}, "Fill this in for what the promotion does."),
        ({"action": "buy_x_get_y", "percent": "100"}, "Fill this in for what the promotion does."),
        ({"percent": "101"}, "A percentage is more than 0 and at most 100."),
        ({"use_limit": "2"}, "It was used 3 times."),
        ({"valid_from_0": "2027-05-02", "valid_from_1": "0:00", "valid_to_0": "2027-05-01",
          "valid_to_1": "0:00"}, "The promotion ends before it starts."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused_in_words(
    staff: Client, changes: dict[str, str], expected: str
) -> None:
    bare_market()
    promotion = make_promotion(used=3)
    assert expected in errors(save(staff, promotion, **changes))
    assert promotion.versions.count() == 1


def test_uses_counted_while_the_page_is_open_stay(staff: Client) -> None:
    bare_market()
    promotion = make_promotion(coupon="SAVE")
    coupon = promotion.coupons.get()
    opened = fields(staff.get(page(promotion)))
    Promotion.objects.update(used=7)
    staff.post(page(promotion), opened | {"use_limit": "10"})
    promotion.refresh_from_db()
    assert (promotion.used, promotion.use_limit) == (7, 10)
    Coupon.objects.update(used=7)
    address = reverse("admin:markets_coupon_change", args=[coupon.pk])
    refused = staff.post(address, {"use_limit": "6"})
    assert "It was used 7 times." in refused.content.decode()
    staff.post(address, {"use_limit": "8"})
    coupon.refresh_from_db()
    assert (coupon.used, coupon.use_limit) == (7, 8)


def test_coupon_of_a_code_that_there_is_is_refused(staff: Client) -> None:
    bare_market()
    promotion = make_promotion(coupon="Save10")
    data = {"promotion": promotion.pk, "code": " ＳＡＶＥ 10 "}
    response = staff.post(reverse("admin:markets_coupon_add"), data)
    assert "There is a coupon of this code." in response.content.decode()
    staff.post(reverse("admin:markets_coupon_add"), data | {"code": "Été 27"})
    assert Coupon.objects.latest("pk").code == "Été27"


def test_coupons_are_made_by_the_batch_and_downloaded(staff: Client) -> None:
    bare_market()
    promotion = make_promotion(coupon="FIRST")
    address = reverse("admin:markets_promotion_coupons", args=[promotion.pk])
    assert address in staff.get(page(promotion)).content.decode()
    response = staff.post(address, {"count": "25", "beginning": "MAY", "use_limit": "1"})
    assert "25 coupons were made." in response.content.decode()
    assert "26 coupons" in response.content.decode()
    response = staff.get(reverse("admin:markets_promotion_csv", args=[promotion.pk]))
    lines = response.getvalue().decode().splitlines()
    assert (lines[:2], len(lines)) == (["code,use_limit,used", "FIRST,,0"], 27)
    assert response["Content-Type"] == "text/csv"
    for wrong in ({"count": "0"}, {"count": "10001"}, {"count": "5", "beginning": "a b;"}):
        staff.post(address, wrong)
    assert promotion.coupons.count() == 26
    assert staff.get(reverse("admin:markets_promotion_coupons", args=[0])).status_code == 404


def test_who_only_looks_makes_no_coupons(client: Client) -> None:
    bare_market()
    promotion = make_promotion(coupon="FIRST")
    user = get_user_model().objects.create_user(email="new@example.org", is_staff=True)
    client.force_login(user)
    address = reverse("admin:markets_promotion_coupons", args=[promotion.pk])
    download = reverse("admin:markets_promotion_csv", args=[promotion.pk])
    assert [client.get(url).status_code for url in (address, download)] == [403, 403]
    user.user_permissions.add(Permission.objects.get(codename="view_promotion"))
    assert [client.get(url).status_code for url in (address, download)] == [200, 200]
    assert client.post(address, {"count": "5"}).status_code == 403
    assert b"markets_promotion_end" not in client.get(page(promotion)).content
    client.post(page(promotion), {"markets_promotion_end": "1"})
    promotion.refresh_from_db()
    assert (promotion.status, promotion.coupons.count()) == ("published", 1)


def test_what_was_published_is_not_deleted(staff: Client, draft: Promotion) -> None:
    kept = make_promotion()
    for promotion, status in ((kept, 403), (draft, 302)):
        address = reverse("admin:markets_promotion_delete", args=[promotion.pk])
        assert staff.post(address, {"post": "yes"}).status_code == status
    assert list(Promotion.objects.all()) == [kept]


def test_list_asks_as_much_for_three_as_for_one(
    staff: Client, django_assert_max_num_queries: Any
) -> None:
    market = bare_market()
    address = reverse("admin:markets_promotion_changelist")

    def count() -> int:
        with django_assert_max_num_queries(40) as asked:
            assert staff.get(address).status_code == 200
        return len(asked)

    make_promotion(market, products=[make_product()], categories=[make_category()], coupon="A")
    count()
    one = count()
    for code in "BC":
        make_promotion(market, products=[make_product()], categories=[make_category()], coupon=code)
    assert count() == one


def sentence(promotion: Promotion) -> str:
    terms = promotion.versions.latest("number").terms
    coupon = promotion.coupons.first()
    code = coupon.code if coupon else ""
    return describe_terms(terms, read_names([terms]), code=code, count=promotion.coupons.count())


def test_promotion_is_told_in_one_sentence() -> None:
    germany, austria = bare_market(name="Germany"), bare_market("at", name="Austria")
    giftware: Category = make_category(name="Giftware")
    promotion = make_promotion(
        germany, austria, coupon="WELCOME10", categories=[giftware], customer_limit=1,
        valid_from=datetime(2027, 5, 1, tzinfo=UTC),
    )  # fmt: skip
    assert sentence(promotion) == (
        "10 % off Giftware, in Germany and Austria, from May 1, 2027 on, with coupon WELCOME10, "
        "once per customer."
    )
    make_coupon(promotion, "MORE")
    assert "with one of 2 coupons" in sentence(promotion)


@pytest.mark.parametrize(
    ("of", "expected"),
    [
        ({"percent": Decimal("7.5"), "combines": False}, "7.5 % off everything, not with others."),
        (
            {"action": "amount", "amounts": {"EUR": ("5", "50"), "JPY": ("500", "5000")}},
            "€5.00 or ¥500 off everything, from €50.00 or ¥5,000 spent.",
        ),
        (
            {
                "action": "amount",
                "amounts": dict.fromkeys(("AED", "CHF", "EUR", "GBP"), ("5", None)),
            },
            "AED\xa05.00 or CHF\xa05.00, or the like in 2 other currencies off everything.",
        ),
        ({"action": "free_delivery", "min_quantity": 3}, "Free delivery, from 3 units on."),
        (
            {"action": "buy_x_get_y", "buy_quantity": 2, "get_quantity": 1, "percent": 100},
            "Buy 2 of everything and get 1 more free.",
        ),
        (
            {"action": "buy_x_get_y", "buy_quantity": 1, "get_quantity": 1, "percent": 50,
             "most_times": 1, "use_limit": 9},
            "Buy 1 of everything and get 1 more at 50 % off, once per basket, 9 times in total.",
        ),
    ],
)  # fmt: skip
def test_each_kind_is_told(of: Any, expected: str) -> None:
    assert sentence(make_promotion(**of)) == expected


def test_long_lists_are_told_short() -> None:
    products = [make_product(title=f"P{number}") for number in range(7)]
    promotion = make_promotion(products=products, excluded_products=products[:1])
    assert sentence(promotion) == "10 % off P0, P1, P2, P3, and 3 more but not P0."
    with translation.override("de"):
        assert sentence(promotion)
