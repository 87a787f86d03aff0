"""What must not be: oversold stock, an audit with findings, or none for more than a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fulfillment.models import StockAudit
from fulfillment.stock.audit import last_audit

# A nightly run may end some time after the one before began.
OLDEST = timedelta(hours=26)


@dataclass(frozen=True)
class AuditState:
    """The last audit and its age in whole hours; both are None before the first."""

    audit: StockAudit | None
    hours: int | None

    @property
    def is_too_old(self) -> bool:
        return self.hours is not None and self.hours >= OLDEST // timedelta(hours=1)

    @property
    def is_alarm(self) -> bool:
        return self.audit is None or self.is_too_old or bool(self.audit.findings)


def audit_state(*, now: datetime) -> AuditState:
    """Look at the last audit; one query."""
    audit = last_audit()
    if audit is None:
        return AuditState(None, None)
    return AuditState(audit, int((now - audit.started_at) // timedelta(hours=1)))
