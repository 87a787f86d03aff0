"""What a basket would cost in many destinations on a day, as a table for merchants."""

import csv
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
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
from markets.admin.landed_lines import FIGURES, Line, make_line, sort_lines
from markets.law_files import BYTE_ORDER_MARK
from markets.models import Market, MarketCountry, TaxRate, TaxRegistration, country_code
from markets.ranges import in_force
from markets.tax import Place

# As many rows as people compare; more make a page that nobody reads and a request that is slow.
MOST_DESTINATIONS = 60
MOST_LINES = 20
_STATES_SHOWN = 3


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
    order = forms.ChoiceField(
        label=_("sort"), required=False, widget=UnfoldAdminSelectWidget,
        choices=[("", _("by market")), ("dearest", _("dearest first")),
                 ("cheapest", _("cheapest first"))],
        help_text=_("By all that is paid, in euros."),
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


def preview_landed_cost(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("markets.view_dutyrate"):
        raise PermissionDenied
    form = LandedForm(request.GET) if "goods" in request.GET else LandedForm()
    lines: list[Line] = []
    on = timezone.localdate()
    if form.is_bound and form.is_valid():
        on = form.cleaned_data["day"] or on
        lines = [make_line(outcome, on=on) for outcome in _outcomes(form.cleaned_data, on=on)]
        sort_lines(lines, by=form.cleaned_data["order"])
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
    """List the countries that are served; where only states tax, some states in their place."""
    rows = MarketCountry.objects.order_by("market__position", "position", "country")
    countries = list(dict.fromkeys(rows.values_list("country", flat=True)))
    today = timezone.localdate()
    rates = TaxRate.objects.filter(in_force(today), country__in=countries)
    has_own = set(rates.filter(region="").values_list("country", flat=True))
    collected = TaxRegistration.objects.filter(in_force(today)).exclude(region="")
    by_state: dict[str, list[str]] = {}
    # States where the shop collects tax come before others.
    for rows_by_state in (collected, rates.exclude(region="").order_by("region")):
        for country, state in rows_by_state.values_list("country", "region"):
            by_state.setdefault(country, []).append(state)
    places: list[Place] = []
    for country in countries:
        states = [] if country in has_own else list(dict.fromkeys(by_state.get(country, [])))
        places += [Place(country, state) for state in states[:_STATES_SHOWN]] or [Place(country)]
    return places[:MOST_DESTINATIONS]


def _as_csv(lines: list[Line], *, on: date) -> HttpResponse:
    response = HttpResponse(BYTE_ORDER_MARK, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="landed-cost-{on}.csv"'
    writer = csv.writer(response)
    writer.writerow([
        "destination", "name", "market", "regime", "terms", "currency", *FIGURES, "all_in_eur",
        "notes", "problem",
    ])  # fmt: skip
    for line in lines:
        figures = ["" if line.problem else line.figures[name] for name in FIGURES]
        writer.writerow([
            line.code, line.name, line.market, line.regimes, line.terms, line.currency, *figures,
            "" if line.in_euros is None else line.in_euros, " ".join(line.notes), line.problem,
        ])  # fmt: skip
    return response


def _sku_and_quantity(line: str) -> tuple[str, int]:
    """Read "SKU 2"; an SKU alone is one unit of it."""
    words = line.split()
    if len(words) == 1:
        return words[0], 1
    asked = words[-1]
    quantity = int(asked) if asked.isdecimal() and len(asked) <= 4 else 0
    if not quantity:
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
