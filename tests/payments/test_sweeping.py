from datetime import datetime

import pytest

from payments import sweeping
from payments.errors import GatewayUnavailable
from payments.following import refresh_payment
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


def test_one_payment_the_gateway_never_answers_keeps_no_other_from_its_turn(
    sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = opened()
    good = opened(factories.make_order(bad.order.market), bad.method)
    for payment in (bad, good):
        pay(payment)

    def unsure(payment_id: int, *, now: datetime) -> Payment:
        if payment_id == bad.pk:
            raise GatewayUnavailable("its key was used with other parameters")
        return refresh_payment(payment_id, now=now)

    monkeypatch.setattr(sweeping, "refresh_payment", unsure)
    for minutes in (6, 7):
        sweep_payments(now=later(minutes))
    good.refresh_from_db()
    assert good.status == Payment.Status.AUTHORISED
