"""The tax of a basket from dated rows: regimes, rates, borders, and one rounding.

The terms, guarantees and worked tables are in docs/algorithms/tax.md.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_noop

from markets.money import from_minor, quantise, to_minor
from markets.tax.answer import ComponentKind, Note, ParcelAnswer, Regime, TaxAnswer, TaxComponent
from markets.tax.arithmetic import RateTotal
from markets.tax.basket import Goods, Parcel, Place, TaxBasket
from markets.tax.border import Border, Crossing
from markets.tax.items import Item, component, exchange_home_tax, round_taxes
from markets.tax.levies import NONE, Convert, Levies, levies_of, levies_on, shipping_levies
from markets.tax.places import Located, locate
from markets.tax.regimes import Bench, Verdict, judge
from markets.tax.rows import TaxTables
from markets.tax.shipping import Portion, share_shipping

SHIPPING_KEY = "shipping"
_DELIVERY = gettext_noop("Delivery")
# The seller takes no tax but the buyer owes one: what is shown loses the tax inside it.
_BUYER_PAYS = frozenset({Regime.REVERSE_CHARGE, Regime.EXPORT})


def quote_taxes(basket: TaxBasket, *, tables: TaxTables, convert: Convert) -> TaxAnswer:
    """Give what a basket owes, part by part, with the rule and the row behind each.

    Amounts are in the basket's currency. Duties and fees come on top of what was shown, with the
    tax on them. Goods of a parcel have keys of their own. Raises NoTaxRate where goods would be
    sold to a place whose rate is not known, InexactAmount for an amount finer than the currency,
    and what `convert` raises.
    """
    return _Quote(basket, tables, convert).answer()


@dataclass
class _Plan:
    """A parcel with its verdict and its goods' taxes."""

    number: int
    parcel: Parcel
    origin: Located
    verdict: Verdict
    levies: list[Levies]
    home_rates: list[Fraction | None]
    border: Border | None = None

    @property
    def place(self) -> str:
        return f"{self.verdict.regime}:{self.verdict.jurisdiction}"


class _Quote:
    def __init__(self, basket: TaxBasket, tables: TaxTables, convert: Convert) -> None:
        self.basket = basket
        self.tables = tables
        self.convert = convert
        self.target = locate(basket.ship_to, tables)
        self.home = locate(basket.home, tables).place
        self.is_exchanged = basket.prices_include_tax and basket.tax_mode == "net_fixed"

    def answer(self) -> TaxAnswer:
        basket, currency = self.basket, self.basket.currency
        plans = [self._plan(number) for number in range(len(basket.parcels))]
        goods = [self._goods(plan) for plan in plans]
        shipping = self._shipping(plans)
        exchange_home_tax([item for own in goods for item in own] + shipping, currency=currency)
        items: list[Item] = []
        later: list[Item] = []
        for plan, own in zip(plans, goods, strict=True):
            freight = [item for item in shipping if item.parcel == plan.number]
            self._cross(plan, own, freight)
            items += own
            if plan.border:
                items += plan.border.items
                later += plan.border.later
        items += shipping
        if not plans and basket.shipping:
            raise ValueError("delivery without goods")
        for some in (items, later):
            round_taxes(some, rounding=basket.rounding, currency=currency)
        return self._sum_up(plans, items, later)

    def _plan(self, number: int) -> _Plan:
        parcel, place = self.basket.parcels[number], self.target.place
        origin = locate(parcel.ship_from, self.tables)
        home_rates = [self._home_rate(goods) for goods in parcel.goods]
        bench = Bench(
            basket=self.basket,
            parcel=parcel,
            origin=origin,
            target=self.target,
            tables=self.tables,
            convert=self.convert,
            values=lambda: [
                self._value(goods, home_rate, place)
                for goods, home_rate in zip(parcel.goods, home_rates, strict=True)
            ],
        )
        verdict = judge(bench)
        # Asked also where nothing is taken: what has no rate at all is not sold.
        levies = [self._levies(goods, verdict.jurisdiction) for goods in parcel.goods]
        if not verdict.is_taxed:
            if verdict.regime in _BUYER_PAYS and self.basket.prices_include_tax:
                inside = [taxes.rate for taxes in levies]
                home_rates = home_rates if self.is_exchanged else [*inside]
            levies = [NONE] * len(parcel.goods)
        return _Plan(number, parcel, origin, verdict, levies, home_rates)

    def _levies(self, goods: Goods, place: Place) -> Levies:
        return levies_on(
            goods.category, unit_price=goods.amount / goods.quantity,
            currency=self.basket.currency, at=place, tables=self.tables, convert=self.convert,
        )  # fmt: skip

    def _home_rate(self, goods: Goods) -> Fraction | None:
        if not self.is_exchanged:
            return None
        return levies_of(goods.category, at=self.home, tables=self.tables).rate

    def _value(self, goods: Goods, home_rate: Fraction | None, place: Place) -> Decimal:
        """Give the goods' own value, without the tax that the shown price has inside."""
        if not self.basket.prices_include_tax:
            return goods.amount
        rate = self._levies(goods, place).rate if home_rate is None else home_rate
        return quantise(Fraction(goods.amount) / (1 + rate), self.basket.currency)

    def _goods(self, plan: _Plan) -> list[Item]:
        rows = zip(plan.parcel.goods, plan.levies, plan.home_rates, strict=True)
        return [
            self._item(
                plan, ComponentKind.GOODS, goods.key, goods.amount, levies, home_rate,
                quantity=goods.quantity,
            )
            for goods, levies, home_rate in rows
        ]  # fmt: skip

    def _shipping(self, plans: Sequence[_Plan]) -> list[Item]:
        portions = []
        for plan in plans:
            rows = zip(plan.parcel.goods, plan.levies, plan.home_rates, strict=True)
            for goods, levies, home_rate in rows:
                if levies is not NONE:
                    levies = shipping_levies(
                        levies, at=plan.verdict.jurisdiction, tables=self.tables
                    )
                portions.append(
                    Portion(
                        plan.number, plan.place, goods.amount, goods.quantity, levies, home_rate
                    )
                )
        shares = share_shipping(self.basket.shipping, portions, currency=self.basket.currency)
        return [
            self._item(
                plans[share.parcel], ComponentKind.SHIPPING, SHIPPING_KEY, share.amount,
                share.levies, share.home_rate,
            )
            for share in shares
        ]  # fmt: skip

    def _item(
        self, plan: _Plan, kind: ComponentKind, key: str, amount: Decimal, levies: Levies,
        home_rate: Fraction | None, quantity: int = 1,
    ) -> Item:  # fmt: skip
        # Of what is shown with the home's tax, the border sees the net price and adds its own.
        is_net_at_border = self.is_exchanged and plan.verdict.is_taxed_at_border
        return Item(
            parcel=plan.number, kind=kind, key=key,
            label="" if kind is ComponentKind.GOODS else _DELIVERY,
            amount=from_minor(to_minor(amount, self.basket.currency), self.basket.currency),
            inclusive=self.basket.prices_include_tax and not is_net_at_border,
            levies=levies, place=plan.place, quantity=quantity, home_rate=home_rate,
        )  # fmt: skip

    def _cross(self, plan: _Plan, goods: list[Item], freight: list[Item]) -> None:
        verdict, target = plan.verdict, self.target.place
        if verdict.regime is Regime.EXPORT and plan.origin.territory != self.target.territory:
            # What the territory itself asks for an import is not known here: it is not promised.
            plan.border = Border(regime=verdict.regime, terms="dap", notes=[Note("local_taxes")])
        if not verdict.is_import:
            return
        duties = self.tables.duties.get(target.country)
        if duties is None:
            note = Note("duty_unknown", (("destination", target.country),))
            plan.border = Border(regime=verdict.regime, notes=[note])
        elif duties.is_import(plan.origin.place.country, target.country):
            plan.border = Crossing(
                number=plan.number, parcel=plan.parcel, verdict=verdict, goods=goods,
                freight=freight, origin=plan.origin.place, target=target,
                currency=self.basket.currency, tables=duties, convert=self.convert,
                collects_all=self.tables.legal_entity_id is None,
            ).cross()  # fmt: skip

    def _sum_up(
        self, plans: Sequence[_Plan], items: Sequence[Item], later: Sequence[Item]
    ) -> TaxAnswer:
        currency = self.basket.currency
        order = list(ComponentKind)
        components = tuple(
            sorted(
                (component(item, currency) for item in items),
                key=lambda part: order.index(part.kind),
            )
        )
        zero = from_minor(0, currency)
        return TaxAnswer(
            net=sum((part.net for part in components), zero),
            tax=sum((part.tax for part in components), zero),
            gross=sum((part.gross for part in components), zero),
            components=components,
            parcels=tuple(_parcel_answer(plan) for plan in plans),
            rates=_rate_totals(components, zero),
            due_on_delivery=tuple(component(item, currency) for item in later),
            notes=_notes(plans),
        )


def _parcel_answer(plan: _Plan) -> ParcelAnswer:
    verdict, border = plan.verdict, plan.border
    return ParcelAnswer(
        regime=border.regime if border else verdict.regime,
        jurisdiction=verdict.jurisdiction,
        registration_id=verdict.registration.id if verdict.registration else None,
        terms=border.terms if border else "",
        customs_value=border.customs_value if border else None,
        trace=verdict.trace + tuple(border.trace if border else ()),
        duty_refund_days=border.duty_refund_days if border else None,
    )


def _notes(plans: Sequence[_Plan]) -> tuple[Note, ...]:
    notes: dict[Note, None] = {}
    for plan in plans:
        for note in (*plan.verdict.notes, *(plan.border.notes if plan.border else ())):
            notes.setdefault(note)
        if plan.border and plan.border.terms:
            notes.setdefault(Note(plan.border.terms))
    return tuple(notes)


def _rate_totals(components: Sequence[TaxComponent], zero: Decimal) -> tuple[RateTotal, ...]:
    sums: dict[Decimal, list[Decimal]] = {}
    for part in components:
        total = sums.setdefault(part.percent, [zero, zero, zero])
        total[0] += part.net
        total[1] += part.tax
        total[2] += part.gross
    return tuple(
        RateTotal(net=net, tax=tax, gross=gross, percent=percent)
        for percent, (net, tax, gross) in sorted(sums.items(), reverse=True)
    )
