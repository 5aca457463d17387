"""Whether certificates are valid, and for how long."""

from django.conf import settings
from django.urls import reverse

from mail import clock
from mail.models import Certificate
from mail.tls.errors import CertificateError
from mail.tls.reading import CertificateFacts, read_facts
from moxsite.admin.cards.card import Card, Health
from moxsite.pages.words import counted

SOON = 14 * clock.DAY
"""Whoever renews in time has done so long before."""


def certificates_card() -> Card:
    """The one that ends first counts: those in the database, and that of the files where there is none."""
    url = reverse("admin:certificates")
    rows = list(Certificate.objects.order_by("not_after"))
    if rows:
        first = rows[0]
        return _judged(url, first.not_after, str(first), counted(len(rows), "certificate"))
    facts = _facts_of_file()
    if facts is None:
        text = f"The file {settings.TLS_CERTIFICATE} can't be read."
        return Card("Certificates", url, Health.WRONG, "unreadable", text, "Check the file")
    if not settings.MOXSITE_TLS_CERT_FILE:
        text = "A self-made certificate is in use: mail programs and browsers warn of it."
        return Card(
            "Certificates",
            url,
            Health.WATCH,
            "self-made",
            text,
            "Set up ACME, or name a certificate of your own",
        )
    return _judged(url, facts.not_after, str(settings.TLS_CERTIFICATE), "The certificate of the file")


def _judged(url: str, end: clock.Moment, names: str, what: str) -> Card:
    left, step = counted(max(end - clock.now(), 0) // clock.DAY, "day"), "See why it was not renewed"
    if end <= clock.now():
        text = f"{names}: expired on {clock.as_datetime(end):%Y-%m-%d}."
        return Card("Certificates", url, Health.WRONG, "expired", text, step)
    if end - clock.now() < SOON:
        return Card("Certificates", url, Health.WATCH, "ends soon", f"{names}: ends in {left}.", step)
    return Card("Certificates", url, Health.FINE, "valid", f"{what}, valid for at least {left}.")


def _facts_of_file() -> CertificateFacts | None:
    try:
        return read_facts(settings.TLS_CERTIFICATE.read_bytes())
    except (OSError, CertificateError):
        return None
