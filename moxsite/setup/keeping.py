"""Keeping the result of the last check of each domain."""

from django.db import transaction

from mail import clock
from mail.models import Domain
from moxsite.setup.dnscheck.findings import Report
from moxsite.setup.domain_check import check_domain
from moxsite.setup.models import DomainCheck


def check_and_keep(domain: Domain) -> Report:
    """Check what is published and remember the result. Not for event loops; takes up to half a minute."""
    report = check_domain(domain)
    keep(domain, report)
    return report


def keep(domain: Domain, report: Report) -> DomainCheck:
    """Remember a result. A domain that was removed meanwhile has none."""
    with transaction.atomic():
        kept, _ = DomainCheck.objects.update_or_create(
            domain=domain,
            defaults={
                "moment": clock.now(),
                "errors": report.error_count,
                "warnings": report.warning_count,
                "report": report.as_json(),
            },
        )
    return kept
