"""What registers said is kept, counts for a day, and its absence is never taken for a yes."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from markets.models import LegalEntity, Market, TaxIdCheck, TaxRegistration
from markets.tax_ids import (
    KnownBuyer,
    TaxId,
    buyer_of,
    check_tax_id,
    find_check,
    find_requester,
    forget_checks,
)
from markets.tax_ids.checking import ASKED_AT_MOST
from markets.tax_ids.tasks import forget_tax_id_checks
from tests.factories import NOW, make_market, make_order
from tests.markets.tax_ids.registers import (
    Register,
    hmrc_valid,
    register,
    vies_error,
    vies_invalid,
    vies_valid,
)

pytestmark = pytest.mark.django_db

GERMAN = TaxId("DE", "136695976")
BRITISH = TaxId("GB", "980780684")
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")


def check(tax_id: TaxId = GERMAN, **more: Any) -> TaxIdCheck:
    return check_tax_id(tax_id, **{"now": NOW, "pause": lambda _seconds: None, **more})


def kept(outcome: str = "valid", **fields: Any) -> TaxIdCheck:
    defaults = {
        "number": str(GERMAN),
        "country": "DE",
        "kind": "eu_vat",
        "checked_at": NOW,
        "source": "vies",
    }
    return TaxIdCheck.objects.create(outcome=outcome, **{**defaults, **fields})


def use(server: Register, settings: Any) -> None:
    settings.VIES_URL = f"{server.url}/check"
    settings.HMRC_URL, settings.HMRC_CLIENT_ID = server.url, "shop"


def test_valid_answer_is_kept_and_counts_for_a_day(settings: Any) -> None:
    with register(vies_valid()) as server:
        use(server, settings)
        first = check(requester=TaxId("NL", "004495445B01"))
        again = check(now=NOW + 23 * HOUR)
        later = check(now=NOW + 24 * HOUR)
    assert (first.outcome, first.country, first.kind, first.source, first.name) == (
        "valid",
        "DE",
        "eu_vat",
        "vies",
        "Hafenkontor GmbH",
    )
    assert (first.requester, first.consultation_number) == ("NL004495445B01", "WAPIAAAAY3k0fEdT")
    assert again == first
    assert later != first
    assert len(server.asked) == 2


def test_invalid_answer_is_asked_about_again_sooner(settings: Any) -> None:
    with register(vies_invalid(), vies_valid()) as server:
        use(server, settings)
        assert check().outcome == "invalid"
        assert check(now=NOW + 9 * MINUTE).outcome == "invalid"
        assert check(now=NOW + 10 * MINUTE).outcome == "valid"
    assert len(server.asked) == 2


def test_what_another_entity_of_ours_was_told_is_no_evidence_for_this_one(settings: Any) -> None:
    dutch, french = TaxId("NL", "004495445B01"), TaxId("FR", "40303265045")
    with register(vies_valid()) as server:
        use(server, settings)
        first = check(requester=dutch)
        assert check(now=NOW + MINUTE, requester=dutch) == first
        assert check(now=NOW + MINUTE, requester=french).requester == str(french)
        assert check(now=NOW + 2 * MINUTE).requester == str(french)
    assert len(server.asked) == 2


def test_outage_is_kept_as_such_and_soon_asked_about_again(settings: Any) -> None:
    with register(vies_error("MS_UNAVAILABLE")) as server:
        use(server, settings)
        first = check()
        assert (first.outcome, first.reason) == ("unavailable", "MS_UNAVAILABLE")
        assert check(now=NOW + timedelta(seconds=29)) == first
        assert len(server.asked) == 3
        server.answers[:] = [vies_valid()]
        assert check(now=NOW + timedelta(seconds=30)).outcome == "valid"


def test_outage_takes_nothing_from_an_answer_of_that_day(settings: Any) -> None:
    with register(vies_valid(), vies_error("TIMEOUT")) as server:
        use(server, settings)
        valid = check(requester=TaxId("NL", "004495445B01"))
        silent = check(now=NOW + HOUR, requester=TaxId("FR", "40303265045"))
    assert silent.outcome == "unavailable"
    assert find_check(GERMAN, now=NOW + HOUR) == valid
    assert find_check(GERMAN, now=NOW + 24 * HOUR) == silent
    assert find_check(GERMAN, now=NOW + 26 * HOUR) is None


def test_british_numbers_are_hmrcs(settings: Any) -> None:
    with register(hmrc_valid()) as server:
        use(server, settings)
        row = check(BRITISH)
    assert (row.number, row.country, row.kind, row.source) == (
        "GB980780684",
        "GB",
        "gb_vat",
        "hmrc",
    )
    assert row.outcome == "valid"


@pytest.mark.parametrize("tax_id", [GERMAN, BRITISH])
def test_register_that_is_off_confirms_nobody(tax_id: TaxId) -> None:
    row = check(tax_id)
    assert (row.outcome, row.reason) == ("unavailable", "NOT_CONFIGURED")


@pytest.mark.django_db(transaction=True)
def test_register_is_never_asked_in_a_transaction(settings: Any) -> None:
    with register(vies_valid()) as server:
        use(server, settings)
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            check()
        assert server.asked == []
        assert check().outcome == "valid"


@pytest.mark.django_db(transaction=True)
def test_connection_is_given_back_while_a_register_is_asked(settings: Any) -> None:
    open_meanwhile: list[bool] = []
    with register(vies_error("MS_UNAVAILABLE"), vies_valid()) as server:
        use(server, settings)
        check(pause=lambda _seconds: open_meanwhile.append(connection.connection is not None))
    assert open_meanwhile == [False]


def test_register_that_is_out_is_spared(settings: Any) -> None:
    with register(vies_error("MS_UNAVAILABLE")) as server:
        use(server, settings)
        for second, digits in enumerate(("811128135", "129273398", "811907980", "136695976")):
            check(TaxId("DE", digits), now=NOW + timedelta(seconds=second))
        asked = len(server.asked)
        row = check(TaxId("DE", "115235681"), now=NOW + timedelta(seconds=5))
        assert (row.outcome, row.reason) == ("unavailable", "NOT_ASKED")
        assert len(server.asked) == asked == 12
        server.answers[:] = [vies_valid("FR40303265045")]
        assert check(TaxId("FR", "40303265045"), now=NOW + timedelta(seconds=6)).name
        server.answers[:] = [vies_valid("DE115235681")]
        assert check(TaxId("DE", "115235681"), now=NOW + timedelta(seconds=36)).name


def test_register_is_asked_so_often_a_minute_at_most(settings: Any) -> None:
    for number in range(ASKED_AT_MOST):
        kept("invalid", number=f"DE{number}", checked_at=NOW - timedelta(seconds=30))
    with register(vies_valid()) as server:
        use(server, settings)
        assert check().reason == "NOT_ASKED"
        assert server.asked == []
        assert check(now=NOW + MINUTE).outcome == "valid"


def test_check_is_never_changed() -> None:
    row = kept("invalid")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        TaxIdCheck.objects.filter(pk=row.pk).update(outcome="valid")


def test_buyer_counts_as_a_business_abroad_only_when_confirmed() -> None:
    known = kept()
    place: dict[str, Any] = {"country": "DE", "postal_code": "20457", "now": NOW + HOUR}
    assert buyer_of("", **place) == KnownBuyer()
    assert buyer_of("DE136695976", **place) == KnownBuyer(
        is_business=True,
        tax_id="DE136695976",
        tax_id_country="DE",
        tax_id_valid=True,
        check_id=known.pk,
    )
    # Of another country than the parcel's, too old, not asked about, or not even an id.
    assert not buyer_of("DE136695976", **{**place, "country": "FR"}).tax_id_valid
    assert not buyer_of("DE136695976", **{**place, "now": NOW + 24 * HOUR}).tax_id_valid
    assert not buyer_of("DE811128135", **place).tax_id_valid
    swiss = buyer_of("CHE107787577MWST", country="CH", postal_code="8001", now=NOW)
    assert swiss == KnownBuyer(
        is_business=True, tax_id="CHE107787577MWST", tax_id_country="CH", tax_id_valid=False
    )
    assert buyer_of("nonsense", **place) == KnownBuyer(is_business=True, tax_id="nonsense")


@pytest.mark.parametrize("outcome", ["invalid", "unavailable"])
def test_buyer_whom_nobody_confirmed_pays_vat(outcome: str) -> None:
    row = kept(outcome)
    buyer = buyer_of("DE136695976", country="DE", postal_code="", now=NOW)
    assert (buyer.tax_id_valid, buyer.check_id) == (False, row.pk)


@pytest.mark.parametrize(("tax_id", "queries"), [("", 0), ("DE136695976", 1), ("x", 0)])
def test_buyer_costs_one_query_at_most(
    tax_id: str, queries: int, django_assert_num_queries: Any
) -> None:
    kept()
    with django_assert_num_queries(queries):
        buyer_of(tax_id, country="DE", postal_code="", now=NOW)


def make_entity(**fields: Any) -> LegalEntity:
    defaults = {
        "name": "Entrepot B.V.",
        "address": "Kade 1\nRotterdam",
        "country": "NL",
        "tax_id": "NL004495445B01",
        "invoice_prefix": "NL",
    }
    return LegalEntity.objects.create(**{**defaults, **fields})


def registered(entity: LegalEntity, number: str, **fields: Any) -> None:
    defaults = {"country": "GB", "scheme": "uk_import", "valid_from": date(2021, 1, 1)}
    TaxRegistration.objects.create(legal_entity=entity, number=number, **{**defaults, **fields})


def ours(market: Market, kind: str) -> str:
    return str(find_requester(market, kind=kind, on=NOW.date()) or "")


def test_registers_are_asked_with_the_id_of_ours_that_they_know() -> None:
    entity = make_entity()
    market = make_market(legal_entity=entity)
    registered(entity, "IM5280001234", country="NL", scheme="ioss")
    assert ours(market, "eu_vat") == "NL004495445B01"
    assert ours(market, "gb_vat") == ""

    registered(entity, "GB193054661", valid_to=date(2024, 1, 1))
    assert ours(market, "gb_vat") == ""
    registered(entity, "GB 980 7806 84", valid_from=date(2024, 1, 1))
    assert ours(market, "gb_vat") == "GB980780684"
    assert ours(make_market("ch", legal_entity=None, countries=["CH"]), "eu_vat") == ""


def test_checks_are_forgotten_unless_an_order_holds_them() -> None:
    old = NOW - timedelta(days=3)
    held = kept(checked_at=old)
    kept(checked_at=old)
    recent = kept(checked_at=NOW - timedelta(days=1))
    make_order(make_market(), tax_id_check=held)

    assert forget_checks(now=NOW) == 1
    assert set(TaxIdCheck.objects.all()) == {held, recent}
    assert forget_checks(now=NOW) == 0


def test_forgetting_is_a_task() -> None:
    kept(checked_at=NOW - timedelta(days=4000))
    forget_tax_id_checks()
    assert not TaxIdCheck.objects.exists()
