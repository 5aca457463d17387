"""Accounts that reached a limit or came near one."""

from django.urls import reverse

from moxsite.admin.cards.card import Card, Health
from moxsite.admin.limits import STEP, limit_findings
from moxsite.pages.words import counted


def limits_card() -> Card:
    """The card."""
    findings = limit_findings()
    url = reverse("admin:mail_account_changelist")
    reached = [finding for finding in findings if finding.reached]
    if reached:
        word = f"{counted(len(reached), 'limit')} reached"
        return Card("Limits", reached[0].url, Health.WRONG, word, reached[0].text, STEP)
    if findings:
        return Card("Limits", findings[0].url, Health.WATCH, "near", findings[0].text, STEP)
    return Card("Limits", url, Health.FINE, "kept", "No account is near its limits.")
