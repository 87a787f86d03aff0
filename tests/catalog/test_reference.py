from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from catalog import lineage
from catalog import reference as module
from catalog.models import Category
from catalog.reference import KEPT_SECONDS, Reference, forget, one_reference, reference
from fulfillment import lanes
from fulfillment.models import CarrierService, DeliveryOption, Warehouse, Zone
from markets import selectors, taxes
from markets.models import MarketCountry, TaxRate
from tests import factories

# They name the tables that are kept.
KEEPERS = (lanes, lineage, selectors, taxes)

# Only what is read outside of a transaction is kept.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def rate() -> TaxRate:
    return factories.make_tax_rate("DE", "19")


@contextmanager
def queries(count: int) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    assert len(captured) == count


def percents() -> list[Decimal]:
    return [row.percent for row in reference().rows(TaxRate)]


def change_elsewhere(percent: str) -> None:
    """Change the rate as another process would: without a signal in this one."""
    TaxRate.objects.update(percent=Decimal(percent))


def test_kept_tables_are_read_in_one_query_and_then_in_none(rate: TaxRate) -> None:
    with queries(1):
        assert percents() == [Decimal(19)]
        assert reference().rows(MarketCountry) == []
    with queries(0):
        assert percents() == [Decimal(19)]


def test_change_elsewhere_is_seen_when_the_time_is_over(
    rate: TaxRate, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = 1000.0
    monkeypatch.setattr(module, "monotonic", lambda: clock)
    percents()
    change_elsewhere("7")

    clock += KEPT_SECONDS - 0.1
    assert percents() == [Decimal(19)]
    clock += 0.1
    assert percents() == [Decimal(7)]


def test_change_in_the_process_is_seen_at_once(rate: TaxRate) -> None:
    percents()
    rate.percent = Decimal(7)
    rate.save()
    assert percents() == [Decimal(7)]
    rate.delete()
    assert percents() == []


def test_change_is_seen_when_it_is_committed_and_not_when_it_is_rolled_back(rate: TaxRate) -> None:
    percents()
    rate.percent = Decimal(7)
    with transaction.atomic():
        rate.save()
        # Whoever changes it sees it. For others the reading of before goes on.
        assert percents() == [Decimal(7)]
        transaction.set_rollback(True)
    assert percents() == [Decimal(19)]
    with transaction.atomic():
        rate.save()
    assert percents() == [Decimal(7)]


def test_change_is_seen_though_another_thread_read_before_its_commit(rate: TaxRate) -> None:
    def read() -> list[Decimal]:
        try:
            return percents()
        finally:
            connection.close()

    rate.percent = Decimal(7)
    with transaction.atomic():
        rate.save()
        with ThreadPoolExecutor() as pool:
            assert pool.submit(read).result() == [Decimal(19)]
    assert percents() == [Decimal(7)]


def test_transaction_reads_anew_and_keeps_nothing(rate: TaxRate) -> None:
    percents()
    change_elsewhere("7")
    with transaction.atomic():
        assert percents() == [Decimal(7)]
    assert percents() == [Decimal(19)]


def test_reading_that_a_change_overtook_is_not_kept(
    rate: TaxRate, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = module._read

    def read_and_be_overtaken() -> Reference:
        found = read()
        rate.percent = Decimal(7)
        rate.save()
        return found

    monkeypatch.setattr(module, "_read", read_and_be_overtaken)
    assert percents() == [Decimal(19)]
    monkeypatch.setattr(module, "_read", read)
    assert percents() == [Decimal(7)]


def test_one_reference_answers_from_one_reading(rate: TaxRate) -> None:
    with one_reference(), one_reference() as pinned:
        rate.percent = Decimal(7)
        rate.save()
        assert percents() == [Decimal(19)]
        with transaction.atomic():
            assert reference() is pinned
    assert percents() == [Decimal(7)]


def test_fresh_reference_reads_past_what_is_kept(rate: TaxRate) -> None:
    percents()
    change_elsewhere("7")
    with one_reference(), one_reference(fresh=True):
        assert percents() == [Decimal(7)]
    assert percents() == [Decimal(19)]


def test_derived_things_are_made_once_for_each_reading(rate: TaxRate) -> None:
    made: list[str] = []

    def make(read: Reference, country: str) -> int:
        made.append(country)
        return len(read.rows(TaxRate, country=country))

    found = [reference().derive(make, country) for country in ("DE", "DE", "AT", "DE")]
    forget()
    found.append(reference().derive(make, "DE"))

    assert found == [1, 1, 0, 1, 1]
    assert made == ["DE", "AT", "DE"]


def test_rows_are_those_that_django_reads() -> None:
    market = factories.make_market()
    factories.make_delivery_option(market, free_from=Decimal("50.00"), name_de="Nach Hause")
    factories.make_zone(
        factories.make_service(), factories.make_warehouse(), ["DE", "AT"], base_cost=Decimal("4.5")
    )
    models: list[type[Model]] = [
        CarrierService, DeliveryOption, MarketCountry, TaxRate, Warehouse, Zone,
    ]  # fmt: skip
    for model in models:
        rows = sorted(reference().rows(model), key=lambda row: row.pk)
        expected = model._default_manager.order_by("pk")
        assert [_values(row) for row in rows] == [_values(row) for row in expected]
        assert not any(row._state.adding for row in rows)


def test_rows_of_some_columns_fetch_the_others_when_asked() -> None:
    shelf = factories.make_category(name="Tea")
    (row,) = reference().rows(Category)
    with queries(0):
        assert (row.pk, row.parent_id) == (shelf.pk, None)
    with queries(1):
        assert row.name == "Tea"


def _values(row: Model) -> dict[str, Any]:
    values = {name: value for name, value in vars(row).items() if name != "_state"}
    return {name: (type(value), value) for name, value in values.items()}
