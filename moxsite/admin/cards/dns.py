"""Whether the records of the domains are as they should be, as the last check of each found."""

from django.urls import reverse

from mail.addresses.domain import display_domain
from mail.models import Domain
from moxsite.admin.cards.card import Card, Health
from moxsite.admin.domain_dns import domain_dns_url
from moxsite.pages.words import counted
from moxsite.setup.models import DomainCheck


def dns_card() -> Card | None:
    """The card; none without domains."""
    domains = Domain.objects.filter(disabled=False).count()
    if not domains:
        return None
    checks = DomainCheck.objects.filter(domain__disabled=False).select_related("domain")
    worst = checks.order_by("-errors", "-warnings", "domain__name").first()
    if worst is None:
        return Card("DNS", reverse("admin:dns"), Health.UNKNOWN, "not checked", "No domain was checked yet.")
    name = display_domain(worst.domain.name)
    if worst.errors:
        text = f"{name} has {counted(worst.errors, 'error')} in its records."
        return Card("DNS", domain_dns_url(worst.domain), Health.WRONG, "errors", text, "See what is wrong")
    if worst.warnings:
        text = f"{name} has {counted(worst.warnings, 'warning')}, and no domain has errors."
        return Card("DNS", domain_dns_url(worst.domain), Health.FINE, "works", text)
    text = f"{counted(checks.count(), 'domain')} checked, nothing found."
    return Card("DNS", reverse("admin:dns"), Health.FINE, "in order", text)
