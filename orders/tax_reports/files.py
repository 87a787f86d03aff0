"""What can be downloaded of a report, by name."""

from django.db.models import Q

from markets.models import LegalEntity, Scheme, TaxRegistration
from orders.tax_reports.exporting import write_csv
from orders.tax_reports.finland import write_finnish_file
from orders.tax_reports.one_stop_shop import OneStopReturn
from orders.tax_reports.reports import Report

CSV, FINLAND = "csv", "finland"


def write_files(report: Report, entity: LegalEntity) -> dict[str, str]:
    """Write each file that a company's report has; one query for a Union return."""
    files = {CSV: write_csv(report)}
    if report.name == "oss" and isinstance(report.summed, OneStopReturn):
        files[FINLAND] = _finnish(report.summed, entity)
    return files


def _finnish(found: OneStopReturn, entity: LegalEntity) -> str:
    """Write the Union return for Finland's portal, by the registration of its last day."""
    day = found.period.last
    in_force = list(
        TaxRegistration.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=day), legal_entity=entity, valid_from__lte=day
        ).order_by("-valid_from")
    )
    registration = next((one for one in in_force if one.scheme == Scheme.UNION_OSS), None)
    return write_finnish_file(
        found,
        vat_number=registration.number if registration else entity.tax_id,
        home=registration.country if registration else entity.country,
        numbers={
            one.country: one.number
            for one in in_force
            if one.scheme == Scheme.DOMESTIC and one.number
        },
    )
