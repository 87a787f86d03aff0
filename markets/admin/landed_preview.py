"""What a basket would cost in many destinations on a day, as a table for merchants."""

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from babel import Locale
from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminSingleDateWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from catalog.models import Variant
from markets.admin.landed_comparison import Inquiry, Outcome, Wanted, compare_destinations
from markets.admin.price_words import write_amount
from markets.models import Market, MarketCountry, country_code
from markets.tax import ComponentKind, Place, TaxAnswer, TaxComponent
from markets.tax.wording import note_words, regime_words, trace_words

# As many rows as people compare; more make a page that nobody reads and a request that is slow.
MOST_DESTINATIONS = 60
MOST_LINES = 20
_TERMS = ("ddp", "dap")  # Told beside the regime.
_PROBLEMS = {
    "not_served": _("No market serves it; choose one."),
    "not_sold": _("Not all of the goods have a price in this market."),
    "no_tax_rate": _("No tax rate is known for it on that day. Where states tax, name one: US-CA."),
    "no_exchange_rate": _("An exchange rate is missing for that day."),
}


class LandedForm(forms.Form):
    goods = forms.CharField(
        label=_("goods"),
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
        help_text=_("An SKU on each line, and how many units of it: MUG-1 2"),
    )
    ship_from = forms.CharField(
        label=_("sent from"), max_length=2, widget=UnfoldAdminTextInputWidget,
        help_text=_("The warehouse’s country, such as NL."),
    )  # fmt: skip
    market = forms.ModelChoiceField(
        Market.objects.all(), label=_("market"), required=False, widget=UnfoldAdminSelectWidget,
        help_text=_("Whose prices. Empty: in each country those of its own market."),
    )  # fmt: skip
    destinations = forms.CharField(
        label=_("destinations"), required=False, widget=UnfoldAdminTextInputWidget,
        help_text=_("Such as FR US-CA CA-ON BR. Empty: all countries that are served."),
    )  # fmt: skip
    delivery = forms.DecimalField(
        label=_("delivery"), min_value=0, max_digits=10, decimal_places=3, required=False,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("In the market’s currency; without a market in euros."),
    )  # fmt: skip
    day = forms.DateField(
        label=_("day"), required=False, widget=UnfoldAdminSingleDateWidget,
        help_text=_("Empty is today."),
    )  # fmt: skip

    def clean_goods(self) -> tuple[Wanted, ...]:
        asked: dict[str, int] = {}
        for line in self.cleaned_data["goods"].splitlines():
            if not line.strip():
                continue
            sku, quantity = _sku_and_quantity(line)
            asked[sku] = asked.get(sku, 0) + quantity
        if len(asked) > MOST_LINES:
            raise ValidationError(_("No more than %(most)d lines."), params={"most": MOST_LINES})
        found = {variant.sku: variant for variant in Variant.objects.filter(sku__in=asked)}
        if missing := [sku for sku in asked if sku not in found]:
            raise ValidationError(
                _("No variant has the SKU “%(sku)s”."), params={"sku": ", ".join(missing)}
            )
        return tuple(Wanted(found[sku], quantity) for sku, quantity in asked.items())

    def clean_ship_from(self) -> Place:
        country = self.cleaned_data["ship_from"].strip().upper()
        country_code(country)
        return Place(country)

    def clean_destinations(self) -> tuple[Place, ...]:
        codes = self.cleaned_data["destinations"].replace(",", " ").upper().split()
        places = tuple(map(_place, dict.fromkeys(codes)))
        if len(places) > MOST_DESTINATIONS:
            raise ValidationError(
                _("No more than %(most)d destinations."), params={"most": MOST_DESTINATIONS}
            )
        return places


@dataclass(frozen=True)
class Part:
    label: str
    amount: str
    row: str


@dataclass(frozen=True)
class Line:
    """A destination of the table; amounts are written, and empty where there is nothing."""

    code: str
    name: str
    market: str
    problem: str = ""
    regimes: str = ""
    goods: str = ""
    delivery: str = ""
    duties: str = ""
    fees: str = ""
    tax: str = ""
    total: str = ""
    later: str = ""
    terms: str = ""
    parts: tuple[Part, ...] = ()
    notes: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    is_priced_today: bool = False


def preview_landed_cost(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("markets.view_dutyrate"):
        raise PermissionDenied
    form = LandedForm(request.GET) if "goods" in request.GET else LandedForm()
    lines: list[Line] = []
    on = timezone.localdate()
    if form.is_bound and form.is_valid():
        on = form.cleaned_data["day"] or on
        lines = [_line(outcome) for outcome in _outcomes(form.cleaned_data, on=on)]
        if "csv" in request.GET:
            return _as_csv(lines, on=on)
    query = request.GET.copy()
    query["csv"] = "yes"
    context = {
        **admin.site.each_context(request),
        "title": _("What a basket costs in each destination"),
        "form": form,
        "lines": lines,
        "day": on,
        "csv_address": f"?{query.urlencode()}",
    }
    return render(request, "markets/admin/landed_preview.html", context)


def _outcomes(data: dict[str, Any], *, on: date) -> list[Outcome]:
    market = data["market"]
    inquiry = Inquiry(
        goods=data["goods"],
        ship_from=data["ship_from"],
        on=on,
        delivery=data["delivery"] or Decimal(0),
        delivery_currency=market.currency if market else "EUR",
        market=market,
    )
    return compare_destinations(inquiry, data["destinations"] or _served(), now=timezone.now())


def _served() -> list[Place]:
    rows = MarketCountry.objects.order_by("market__position", "position", "country")
    return [Place(country) for country in rows.values_list("country", flat=True)][
        :MOST_DESTINATIONS
    ]


def _line(outcome: Outcome) -> Line:
    place = outcome.destination
    locale = Locale.parse(to_locale(get_language() or "en"))
    code, market = str(place), str(outcome.market or "")
    name = locale.territories.get(place.country, place.country)
    if place.region:
        name = f"{name} ({place.region})"
    answer = outcome.answer
    if answer is None or outcome.market is None:
        return Line(code, name, market, problem=str(_PROBLEMS[outcome.problem]))
    currency = outcome.market.currency

    def written(amount: Decimal) -> str:
        return write_amount(amount, currency) if amount else ""

    def net(kind: ComponentKind) -> str:
        return written(sum((c.net for c in answer.components if c.kind is kind), Decimal(0)))

    return Line(
        code,
        name,
        market,
        regimes=", ".join(dict.fromkeys(regime_words(p.regime) for p in answer.parcels)),
        goods=net(ComponentKind.GOODS),
        delivery=net(ComponentKind.SHIPPING),
        duties=net(ComponentKind.DUTY),
        fees=net(ComponentKind.FEE),
        tax=written(answer.tax),
        total=write_amount(answer.gross, currency),
        later=written(sum((c.gross for c in answer.due_on_delivery), Decimal(0))),
        terms=", ".join(dict.fromkeys(p.terms.upper() for p in answer.parcels if p.terms)),
        parts=tuple(_part(c, written) for c in _explained(answer)),
        steps=tuple(step for parcel in answer.parcels for step in trace_words(parcel)),
        is_priced_today=outcome.is_priced_today,
        notes=tuple(
            dict.fromkeys(note_words(note) for note in answer.notes if note.code not in _TERMS)
        ),
    )


def _explained(answer: TaxAnswer) -> tuple[TaxComponent, ...]:
    return tuple(
        part for part in (*answer.components, *answer.due_on_delivery) if part.gross or part.row
    )


def _part(component: TaxComponent, written: Any) -> Part:
    label = component.label or component.key
    if component.tax:
        label = f"{label} · {component.tax_name} {component.percent.normalize():f} %"
    return Part(label=label, amount=written(component.gross), row=component.row)


def _as_csv(lines: list[Line], *, on: date) -> HttpResponse:
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="landed-cost-{on}.csv"'
    writer = csv.writer(response)
    names = ("code", "name", "market", "regimes", "goods", "delivery", "duties", "fees", "tax",
             "total", "later", "terms", "problem")  # fmt: skip
    writer.writerow(names)
    writer.writerows([[getattr(line, name) for name in names] for line in lines])
    return response


def _sku_and_quantity(line: str) -> tuple[str, int]:
    """Read "SKU 2"; an SKU alone is one unit of it."""
    words = line.split()
    if len(words) == 1:
        return words[0], 1
    try:
        quantity = int(Decimal(words[-1]))
    except (InvalidOperation, ValueError):
        quantity = 0
    if not 1 <= quantity <= 9999:
        raise ValidationError(
            _("“%(line)s”: write the SKU and how many units."), params={"line": line.strip()}
        )
    return " ".join(words[:-1]), quantity


def _place(code: str) -> Place:
    country, _dash, region = code.partition("-")
    try:
        country_code(country)
    except ValidationError:
        raise ValidationError(_("“%(code)s” is no destination."), params={"code": code}) from None
    return Place(country, region)
