"""Certificates: which are shown to whom, and until when."""

from dataclasses import dataclass

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from mail import clock
from mail.models import Certificate
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts
from moxsite.admin.cards.certificates import SOON
from moxsite.pages.words import Chip


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A certificate of the list."""

    names: tuple[str, ...]
    source: str
    not_after: clock.Moment | None
    chip: Chip


@require_safe
def certificates_page(request: HttpRequest) -> HttpResponse:
    """The page."""
    context = {
        **admin.site.each_context(request),
        "title": "Certificates",
        "certificates": shown_certificates(),
    }
    return TemplateResponse(request, "admin/certificates.html", context)


def shown_certificates() -> list[ShownCertificate]:
    """Those in the database, and the one of the files, which is shown where no other fits."""
    shown = [
        ShownCertificate(tuple(row.names), row.get_source_display(), row.not_after, _chip(row.not_after))
        for row in Certificate.objects.order_by("not_after")
    ]
    own = "the file of MOXSITE_TLS_CERT_FILE" if settings.MOXSITE_TLS_CERT_FILE else "self-made"
    try:
        facts = read_facts(settings.TLS_CERTIFICATE.read_bytes())
    except (OSError, CertificateError):
        return [*shown, ShownCertificate((), own, None, Chip("unreadable", "red"))]
    chip = _chip(facts.not_after) if settings.MOXSITE_TLS_CERT_FILE else Chip("self-made", "amber")
    return [*shown, ShownCertificate(facts.names, f"{own}; for all other names", facts.not_after, chip)]


def _chip(end: clock.Moment) -> Chip:
    left = end - clock.now()
    if left <= 0:
        return Chip("expired", "red")
    return Chip("ends soon", "amber") if left < SOON else Chip("valid", "green")
