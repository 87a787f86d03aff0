import pytest

from payments import sweeping
from payments.models import Payment
from payments.sandbox import SandboxServer
from payments.sweeping import sweep_payments
from tests import factories
from tests.payments.paying import later, opened, pay

pytestmark = pytest.mark.django_db(transaction=True)


def test_shopper_who_never_came_back_is_found(sandbox: SandboxServer) -> None:
    payment = opened()
    pay(payment)
    assert sweep_payments(now=later(4)) == 0
    assert sweep_payments(now=later(6)) == 1
    payment.refresh_from_db()
    assert payment.status == Payment.Status.AUTHORISED
    assert sweep_payments(now=later(60)) == 0


def test_one_bad_row_keeps_no_other_from_its_turn(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeping, "LIMIT", 1)
    bad = opened()
    good = opened(factories.make_order(bad.order.market), bad.method)
    for payment in (bad, good):
        pay(payment)
    Payment.objects.filter(pk=bad.pk).update(gateway_session="cs_of_nobody")
    for _ in range(2):
        sweep_payments(now=later(6))
    good.refresh_from_db()
    assert good.status == Payment.Status.AUTHORISED
