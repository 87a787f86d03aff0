"""A parcel at a border: what duties and fees it owes, the tax on them, and who pays when."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from markets.landed_cost.engine import assess_duties, find_import_rule
from markets.landed_cost.terms import (
    Basis,
    CostKind,
    CustomsGoods,
    CustomsParcel,
    DutyAnswer,
    DutyTables,
    Factors,
    ImportTerms,
)
from markets.money import from_minor, round_shares
from markets.tax.answer import ComponentKind, Note, Regime, TaxStep, Terms
from markets.tax.arithmetic import NoDutyRate
from markets.tax.basket import Parcel, Place
from markets.tax.items import Item
from markets.tax.levies import NONE, Convert, Levies
from markets.tax.regimes import Verdict

IMPORT_TAX_KEY = "import_tax"
_Key = tuple[object, ...]


@dataclass
class Border:
    """What the border adds: `items` to pay now, `later` to the carrier; the regime it ends in."""

    regime: Regime
    terms: Terms = ""
    customs_value: Decimal | None = None
    items: list[Item] = field(default_factory=list)
    later: list[Item] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    trace: list[TaxStep] = field(default_factory=list)
    duty_refund_days: int | None = None

    @property
    def is_dap(self) -> bool:
        return self.terms == "dap"


@dataclass
class Crossing:
    """A parcel at the border with its goods and its part of the delivery as items, before duty.

    `collects_all`: nobody has said who pays, and what is owed is taken at checkout.
    """

    number: int
    parcel: Parcel
    verdict: Verdict
    goods: list[Item]
    freight: list[Item]
    origin: Place
    target: Place
    currency: str
    tables: DutyTables
    convert: Convert
    collects_all: bool

    def cross(self) -> Border:
        """Add what the border asks; the levies and taxes of goods and delivery change with it."""
        border = Border(regime=self.verdict.regime)
        if self.verdict.is_taxed_at_border:
            self._at_border(border)
        else:
            self._under_scheme(border)
        return border

    @cached_property
    def _everything(self) -> list[Item]:
        return self.goods + self.freight

    def _under_scheme(self, border: Border) -> None:
        """A scheme or a sales tax takes the tax at checkout: the border adds its duties alone.

        Under a scheme the duty is the seller's debt, so it is collected, with the tax on it.
        What is not known of it cannot be, and is left to the lane's rule for that.
        """
        answer = self._assess([item.levies.rate for item in self._everything])
        self._tell(border, answer)
        collected = bool(self.verdict.scheme) and not border.is_dap
        added = self._added(answer, taxed=self.verdict.is_taxed and collected)
        (border.later if border.is_dap else border.items).extend(added)

    def _at_border(self, border: Border) -> None:
        answer, rates = self._settled()
        self._tell(border, answer)
        if border.is_dap:
            border.regime = Regime.IMPORT_DAP
            border.later += [*self._added(answer, taxed=False), *self._import_tax(answer)]
            # Shown with tax inside, a price would bear it twice: the seller takes its net.
            count = len(self.goods)
            self._take_net(self.goods, rates[:count])
            self._take_net(self.freight, rates[count:])
            return
        added = self._added(answer, taxed=not answer.tax_free)
        border.items += added
        for item in self._everything:
            if answer.tax_free or not self._is_in_base(item):
                item.levies = NONE
        for share, items in self._rates_found(answer, rates, added):
            for item, net in items:
                item.exact = net * share

    def _take_net(self, items: Sequence[Item], rates: Sequence[Fraction]) -> None:
        exact = [_net(item, rate) for item, rate in zip(items, rates, strict=True)]
        for item, amount in zip(items, round_shares(exact, self.currency), strict=True):
            item.amount, item.inclusive, item.levies = amount, False, NONE

    def _settled(self) -> tuple[DutyAnswer, list[Fraction]]:
        """Assess the duty; of prices that include tax, on what is left of them without it.

        What customs sees is the price without the tax that the border takes, and that tax follows
        from what customs sees: the rate is tried first, then what comes of it. Above a tax-free
        limit with the tax inside and below it without, tax is taken.
        """
        untaxed = [Fraction(0)] * len(self._everything)
        if not any(item.inclusive for item in self._everything):
            return self._assess(untaxed), untaxed
        rule = self._rule
        if rule is not None and (rule.tax_free_to is not None or rule.factors.covers_tax):
            answer = self._assess(untaxed)
            if answer.tax_free:
                return answer, untaxed
        rates = [
            item.levies.rate if self._is_in_base(item) else Fraction(0) for item in self._everything
        ]
        answer = replace(self._assess(rates), tax_free=False)
        if rule is None or _is_plain(rule.factors):
            return answer, rates
        found = {
            id(item): rate
            for rate, items in self._rates_found(answer, rates, self._added(answer, taxed=True))
            for item, _net in items
        }
        settled = [found.get(id(item), Fraction(0)) for item in self._everything]
        return replace(self._assess(settled), tax_free=False), settled

    def _rates_found(
        self, answer: DutyAnswer, rates: Sequence[Fraction], added: Sequence[Item]
    ) -> list[tuple[Fraction, list[tuple[Item, Fraction]]]]:
        """Give what the border takes of each net amount, for all that bear the same taxes.

        It differs from the nominal rate where law values goods at less than their price, or takes
        a part of the tax.
        """
        taxes = self._taxes(answer)
        groups: defaultdict[_Key, list[tuple[Item, Fraction]]] = defaultdict(list)
        for item, rate in zip(self._everything, rates, strict=True):
            if self._is_in_base(item) and item.levies.rules:
                groups[item.levies.key].append((item, _net(item, rate)))
        for item in added:
            if item.levies.rules:
                groups[item.levies.key].append((item, Fraction(item.amount)))
        found = []
        for key, items in groups.items():
            total = sum((net for _item, net in items), Fraction(0))
            due = Fraction(0) if answer.tax_free else taxes.get(key, Fraction(0))
            found.append((due / total if total else Fraction(0), items))
        return found

    def _taxes(self, answer: DutyAnswer) -> dict[_Key, Fraction]:
        """Give the exact import tax for each set of taxes."""
        bases = dict(answer.tax_base_shares)
        taxes: defaultdict[_Key, Fraction] = defaultdict(Fraction)
        for item, levies in zip(self.goods, self._goods_levies, strict=True):
            rate = levies.rate
            if answer.tax_inside:
                rate = rate / (1 - rate)
            base = Fraction(bases.get(item.key, Decimal(0)))
            taxes[levies.key] += base * rate * Fraction(answer.tax_factor)
        return taxes

    @cached_property
    def _goods_levies(self) -> list[Levies]:
        return [item.levies for item in self.goods]

    @cached_property
    def _rule(self) -> ImportTerms | None:
        lane = CustomsParcel(
            ship_from=self.origin, ship_to=self.target, goods=(), currency=self.currency,
            on=self.tables.on,
        )  # fmt: skip
        return find_import_rule(lane, tables=self.tables)

    def _is_in_base(self, item: Item) -> bool:
        if item.kind is ComponentKind.GOODS or self._rule is None:
            return True
        return self._rule.tax_basis is Basis.CIF

    def _assess(self, rates: Sequence[Fraction]) -> DutyAnswer:
        parcel = self._customs_parcel(rates)
        return assess_duties(parcel, tables=self.tables, convert=self.convert)

    def _customs_parcel(self, rates: Sequence[Fraction]) -> CustomsParcel:
        exact = [_net(item, rate) for item, rate in zip(self._everything, rates, strict=True)]
        count = len(self.goods)
        nets = round_shares(exact[:count], self.currency)
        return CustomsParcel(
            ship_from=self.origin,
            ship_to=self.target,
            goods=tuple(
                CustomsGoods(
                    key=goods.key, amount=net, quantity=goods.quantity, hs_code=goods.hs_code,
                    origin=goods.origin, weight_grams=goods.weight_grams,
                )
                for goods, net in zip(self.parcel.goods, nets, strict=True)
            ),
            currency=self.currency,
            on=self.tables.on,
            freight=sum(round_shares(exact[count:], self.currency), Decimal(0)),
            scheme=self.verdict.scheme,
        )  # fmt: skip

    def _tell(self, border: Border, answer: DutyAnswer) -> None:
        """Say what was assessed, and who pays it."""
        lane = answer.lane
        if lane is not None and lane.duty_refund == "within":
            border.duty_refund_days = lane.duty_refund_days
        border.customs_value = answer.customs_value
        border.trace.append(
            TaxStep("duty", not answer.duty_free, str(answer.formula), (
                ("customs_value", str(answer.customs_value)),
                ("duty_free", str(answer.duty_free)),
                ("tax_free", str(answer.tax_free)),
                ("rule", answer.rule),
                ("lane", lane.row if lane else ""),
            ))
        )  # fmt: skip
        border.notes += [Note(str(note)) for note in answer.notes]
        self._set_terms(border, answer)

    def _set_terms(self, border: Border, answer: DutyAnswer) -> None:
        """Say who pays: by the lane, else the buyer on delivery; under a scheme the seller.

        A duty that is not known is promised to nobody, unless the seller bears what customs asks.
        Raises NoDutyRate where the lane is not sold on without it.
        """
        lane = answer.lane
        if self.verdict.scheme or (lane is not None and lane.terms == "ddp"):
            border.terms = "ddp"
        elif lane is not None or not self.collects_all:
            border.terms = "dap"
        if border.terms != "ddp" or answer.is_duty_known:
            return
        choice = lane.unknown_duty if lane is not None else "dap"
        if choice == "refuse":
            raise NoDutyRate(self.target.country)
        bears = choice == "bear"
        border.trace.append(TaxStep("terms", bears, "seller_bears" if bears else "duty_unknown"))
        if bears:
            border.notes.append(Note("seller_bears"))
        else:
            border.terms = "dap"

    def _added(self, answer: DutyAnswer, *, taxed: bool) -> list[Item]:
        """Make duties and fees items, each line's part its own: a line may come back alone."""
        levies = {item.key: item.levies for item in self.goods}
        items = []
        for part in answer.components:
            kind = ComponentKind.DUTY if part.kind is CostKind.DUTY else ComponentKind.FEE
            for key, amount in part.shares or ((self.goods[0].key, part.amount),):
                if not amount:
                    continue
                bears = taxed and part.taxable_base
                items.append(
                    Item(
                        parcel=self.number, kind=kind, key=key, label=part.label, amount=amount,
                        inclusive=False, levies=levies[key] if bears else NONE,
                        place=f"{self.verdict.regime}:{self.verdict.jurisdiction}",
                        row=part.row, refundable=part.refundable, code=part.code,
                        currency=part.currency,
                    )
                )  # fmt: skip
        return items

    def _import_tax(self, answer: DutyAnswer) -> list[Item]:
        if answer.tax_free:
            return []
        levies = {item.levies.key: item.levies for item in self.goods}
        return [
            Item(
                parcel=self.number, kind=ComponentKind.FEE, key=IMPORT_TAX_KEY,
                label=levies[key].name, code=IMPORT_TAX_KEY, inclusive=False,
                amount=from_minor(0, self.currency), levies=levies[key], place=str(self.target),
                exact=tax,
            )
            for key, tax in self._taxes(answer).items()
            if tax
        ]  # fmt: skip


def _net(item: Item, rate: Fraction) -> Fraction:
    return Fraction(item.amount) / (1 + rate) if item.inclusive else Fraction(item.amount)


def _is_plain(factors: Factors) -> bool:
    """Tell whether the tax is simply the rate of what goods cost and owe."""
    return factors.value_factor == factors.tax_factor == 1 and not factors.tax_inside
