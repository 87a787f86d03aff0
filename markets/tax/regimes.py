"""Under which law a parcel is sold, tried rule by rule; each try is kept with its reason."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal

from markets.tax.answer import Note, Regime, TaxStep
from markets.tax.basket import Parcel, Place, TaxBasket
from markets.tax.levies import Convert, place_rule
from markets.tax.places import Located, number_country
from markets.tax.rows import Registration, TaxTables, Threshold

# What an import scheme is called here, and what its declarations are; the rows tell its limits.
_IMPORT_SCHEMES = {
    "ioss": Regime.IOSS,
    "uk_import": Regime.UK_CONSIGNMENT,
    "ch_mail_order": Regime.LOW_VALUE_SCHEME,
    "no_voec": Regime.LOW_VALUE_SCHEME,
    "au_vendor": Regime.LOW_VALUE_SCHEME,
}
_DOMESTIC = ("domestic", "gst", "sales_tax")
_BESIDE = ("pst", *_DOMESTIC)  # Of a region's own tax beside its country's.
_LIMITS = ("consignment", "item")


@dataclass(frozen=True)
class Verdict:
    """How a parcel is taxed: by whose rates, and whether at all."""

    regime: Regime
    jurisdiction: Place
    is_taxed: bool
    is_import: bool = False
    scheme: str = ""
    registration: Registration | None = None
    notes: tuple[Note, ...] = ()
    trace: tuple[TaxStep, ...] = ()

    @property
    def is_taxed_at_border(self) -> bool:
        return self.regime is Regime.IMPORT_DDP


@dataclass
class Bench:
    """A parcel before the rules, with what was tried so far.

    `values` gives each goods' own value in the basket's currency, without the destination's tax.
    """

    basket: TaxBasket
    parcel: Parcel
    origin: Located
    target: Located
    tables: TaxTables
    convert: Convert
    values: Callable[[], list[Decimal]]
    trace: list[TaxStep] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    def tried(self, rule: str, held: bool, why: str, **facts: object) -> bool:
        self.trace.append(
            TaxStep(rule, held, why, tuple((name, str(fact)) for name, fact in facts.items()))
        )
        return held

    def note(self, code: str, **facts: object) -> None:
        self.notes.append(Note(code, tuple((name, str(fact)) for name, fact in facts.items())))

    def verdict(self, regime: Regime, *, at: Place | None = None, taxed: bool = True,
                imported: bool = False, scheme: str = "",
                registration: Registration | None = None) -> Verdict:  # fmt: skip
        return Verdict(
            regime=regime,
            jurisdiction=at or self.target.place,
            is_taxed=taxed,
            is_import=imported,
            scheme=scheme,
            registration=registration,
            notes=tuple(self.notes),
            trace=tuple(self.trace),
        )

    @property
    def has_entity(self) -> bool:
        return self.tables.legal_entity_id is not None

    def registrations(self, schemes: Iterable[str]) -> list[Registration]:
        wanted, entity = tuple(schemes), self.tables.legal_entity_id
        return [
            row
            for row in self.tables.registrations
            if row.legal_entity_id == entity and row.scheme in wanted
        ]

    def registered(self, place: Place, *schemes: str) -> Registration | None:
        """Find the registration for a place; one of the whole country holds in its regions."""
        found = [
            row
            for row in self.registrations(schemes)
            if row.country == place.country and row.region in ("", place.region)
        ]
        return max(found, key=lambda row: len(row.region)) if found else None


def judge(bench: Bench) -> Verdict:
    """Decide how a parcel is taxed, B2C unless the buyer's number was found to be valid."""
    target, origin = bench.target, bench.origin
    if target.territory:
        bench.note("special_territory", name=target.territory.name)
    outside = bench.tried(
        "territory", target.is_outside, "outside" if target.is_outside else "inside",
        name=target.territory.name if target.territory else "", country=target.place.country,
    )  # fmt: skip
    if outside:
        return bench.verdict(Regime.EXPORT, taxed=False)
    places = {"origin": origin.place, "destination": target.place}
    domestic = target.is_domestic_from(origin)
    bench.tried("domestic", domestic, "same_country" if domestic else "other_country", **places)
    if place_rule(target.place, bench.tables).is_sales_tax:
        return _sales_tax(bench, imported=not domestic)
    if domestic:
        return _domestic(bench)
    same_area = target.shares_area_with(origin)
    bench.tried("same_area", same_area, "same_area" if same_area else "border", **places)
    return _inside_area(bench) if same_area else _across_border(bench)


def _domestic(bench: Bench) -> Verdict:
    place = bench.target.place
    if not bench.registered(place, *_DOMESTIC):
        place = bench.origin.place  # Northern Ireland from Great Britain: as the latter taxes.
    registration = _needed(bench, place, *_DOMESTIC)
    if bench.has_entity and not _collects_beside(bench):
        bench.note("registration_missing", place=bench.target.place)
    return bench.verdict(Regime.DOMESTIC, at=bench.target.place, registration=registration)


def _collects_beside(bench: Bench) -> bool:
    """Tell whether a region's own tax, if it has one beside its country's, has a number too."""
    place, tables = bench.target.place, bench.tables
    has_own = bool(place.region) and any(
        rate.id in tables.adding and (rate.country, rate.region) == (place.country, place.region)
        for rate in tables.rates
    )
    found = (
        row
        for row in bench.registrations(_BESIDE)
        if (row.country, row.region) == (place.country, place.region)
    )
    return not has_own or any(found)


def _needed(bench: Bench, place: Place, *schemes: str) -> Registration | None:
    """Find a registration that the law wants; tax is due without it too, so only note it."""
    if not bench.has_entity:
        bench.tried("registration", True, "no_legal_entity")
        return None
    found = bench.registered(place, *schemes)
    bench.tried(
        "registration", found is not None, "registered" if found else "not_registered",
        place=place, number=found.number if found else "",
    )  # fmt: skip
    if found is None:
        bench.note("registration_missing", place=place)
    return found


def _sales_tax(bench: Bench, *, imported: bool) -> Verdict:
    """The US: only where the seller has nexus, which shows as a registration in the state."""
    place, origin = bench.target.place, bench.origin.place
    rule = place_rule(place, bench.tables)
    if rule.origin_based and not imported and origin.region == place.region:
        bench.tried("origin_based", True, "sent_within_state", place=place)
        place = origin
    if not bench.has_entity:
        bench.tried("nexus", True, "no_legal_entity")
        return bench.verdict(Regime.SALES_TAX, at=place, imported=imported)
    found = next(
        (row for row in bench.registrations(("sales_tax",))
         if (row.country, row.region) == (place.country, place.region)),
        None,
    )  # fmt: skip
    bench.tried(
        "nexus", found is not None, "registered" if found else "not_registered", place=place
    )
    if found is None:
        return bench.verdict(Regime.NO_NEXUS, at=place, taxed=False, imported=imported)
    return bench.verdict(Regime.SALES_TAX, at=place, imported=imported, registration=found)


def _inside_area(bench: Bench) -> Verdict:
    """The EU: reverse charge, the One-Stop Shop, a local number, or below the threshold."""
    target, origin, buyer = bench.target.place, bench.origin.place, bench.basket.buyer
    if _is_business_elsewhere(bench):
        bench.note("reverse_charge", buyer=buyer.tax_id)
        registration = _needed(bench, origin, "domestic")
        return bench.verdict(Regime.REVERSE_CHARGE, taxed=False, registration=registration)
    if not bench.has_entity:
        bench.tried("oss", True, "no_legal_entity")
        return bench.verdict(Regime.OSS)
    oss = next(iter(bench.registrations(("union_oss",))), None)
    passed, limit = _has_passed(bench, "union_oss")
    if oss is not None and (oss.is_voluntary or passed):
        why = "registered" if oss.is_voluntary else "above_threshold"
        bench.tried("oss", True, why, number=oss.number, **limit)
        return bench.verdict(Regime.OSS, registration=oss, scheme="union_oss")
    if passed:
        bench.tried("oss", True, "above_threshold", **limit)
        bench.note("registration_missing", place=target)
        return bench.verdict(Regime.OSS, scheme="union_oss")
    bench.tried("oss", False, "below_threshold" if oss else "not_registered", **limit)
    local = bench.registered(target, "domestic")
    if bench.tried("local", local is not None, "registered" if local else "not_registered",
                   place=target):  # fmt: skip
        return bench.verdict(Regime.DOMESTIC, registration=local)
    registration = _needed(bench, origin, "domestic")
    return bench.verdict(Regime.ORIGIN, at=origin, registration=registration)


def _is_business_elsewhere(bench: Bench) -> bool:
    buyer, origin = bench.basket.buyer, bench.origin
    if not buyer.is_business:
        return bench.tried("reverse_charge", False, "consumer")
    facts = {"number": buyer.tax_id}
    if not buyer.tax_id_valid:
        return bench.tried("reverse_charge", False, "number_not_valid", **facts)
    country = number_country(buyer.tax_id_country)
    if country == origin.place.country:
        return bench.tried("reverse_charge", False, "number_of_origin", **facts)
    if place_rule(Place(country), bench.tables).area != origin.area:
        return bench.tried("reverse_charge", False, "number_of_other_area", **facts)
    return bench.tried("reverse_charge", True, "number_valid", **facts)


def _has_passed(bench: Bench, scheme: str) -> tuple[bool, dict[str, object]]:
    row = _threshold(bench.tables, scheme, Place(""), limits=False)
    if row is None:
        return True, {"threshold": ""}
    turnover = bench.basket.area_turnover
    if turnover is None:
        turnover = bench.tables.area_turnover
    facts: dict[str, object] = {"threshold": f"{row.amount.normalize():f} {row.currency}"}
    if turnover is None:
        return False, facts
    return turnover > row.amount, {**facts, "turnover": turnover}


def _across_border(bench: Bench) -> Verdict:
    """An import: a scheme that takes the tax at checkout, else the border takes it."""
    for registration in _schemes_for(bench):
        regime = _IMPORT_SCHEMES[registration.scheme]
        if not _is_within_limit(bench, registration.scheme):
            continue
        business = _is_business_there(bench, registration.scheme)
        if business and place_rule(bench.target.place, bench.tables).reverse_charge:
            bench.note("reverse_charge_import", buyer=bench.basket.buyer.tax_id)
            return bench.verdict(Regime.REVERSE_CHARGE, taxed=False, imported=True,
                                 scheme=registration.scheme, registration=registration)  # fmt: skip
        if business:
            bench.tried(registration.scheme, False, "business")
            continue
        bench.tried(registration.scheme, True, "registered", number=registration.number)
        return bench.verdict(
            regime, imported=True, scheme=registration.scheme, registration=registration
        )
    bench.tried("import", True, "at_border")
    registration_there = bench.registered(bench.target.place, *_DOMESTIC)
    return bench.verdict(Regime.IMPORT_DDP, imported=True, registration=registration_there)


def _schemes_for(bench: Bench) -> list[Registration]:
    target = bench.target
    found = [
        row
        for row in bench.registrations(_IMPORT_SCHEMES)
        if row.country == target.place.country
        or (row.scheme == "ioss" and _shares_area(row.country, target.area, bench.tables))
    ]
    if not found:
        bench.tried("scheme", False, "not_registered", place=target.place)
    return found


def _shares_area(country: str, area: str, tables: TaxTables) -> bool:
    return bool(area) and place_rule(Place(country), tables).area == area


def _is_business_there(bench: Bench, scheme: str) -> bool:
    buyer = bench.basket.buyer
    if not (buyer.is_business and buyer.tax_id_valid):
        return False
    country = number_country(buyer.tax_id_country)
    return country == bench.target.place.country or (
        scheme == "ioss" and _shares_area(country, bench.target.area, bench.tables)
    )


def _is_within_limit(bench: Bench, scheme: str) -> bool:
    row = _threshold(bench.tables, scheme, bench.target.place, limits=True)
    if row is None:
        return bench.tried("limit", True, "none", scheme=scheme)
    values = bench.values()
    currency = bench.basket.currency
    if row.period == "item":
        goods = zip(values, bench.parcel.goods, strict=True)
        value = max((value / item.quantity for value, item in goods), default=Decimal(0))
    else:
        value = sum(values, Decimal(0))
    if currency != row.currency:
        value = bench.convert(value, currency, row.currency)
    within = value <= row.amount
    return bench.tried(
        "limit", within, "within" if within else "above", scheme=scheme, value=value,
        limit=f"{row.amount.normalize():f} {row.currency}",
    )  # fmt: skip


def _threshold(tables: TaxTables, scheme: str, place: Place, *, limits: bool) -> Threshold | None:
    rows = [
        row
        for row in tables.thresholds
        if row.scheme == scheme
        and (row.period in _LIMITS) is limits
        and row.country in ("", place.country)
    ]
    return max(rows, key=lambda row: len(row.country)) if rows else None
