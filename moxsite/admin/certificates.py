"""Certificates: which are shown to whom, and until when."""

from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from mail import clock
from mail.models import Certificate
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts
from moxsite.acme.directories import directory_url
from moxsite.acme.trying import try_again_now
from moxsite.admin.cards.certificates import SOON
from moxsite.models import AcmeName
from moxsite.pages.words import Chip

_NAME_CHIPS: Final = {
    AcmeName.State.WAITING.value: Chip("waiting", "grey"),
    AcmeName.State.VALID.value: Chip("obtained", "green"),
    AcmeName.State.FAILED.value: Chip("failed", "red"),
    AcmeName.State.NOT_IN_DNS.value: Chip("not in DNS", "grey"),
}


@dataclass(frozen=True, slots=True)
class ShownCertificate:
    """A certificate of the list."""

    names: tuple[str, ...]
    source: str
    not_after: clock.Moment | None
    chip: Chip


@require_http_methods(["GET", "HEAD", "POST"])
def certificates_page(request: HttpRequest) -> HttpResponse:
    """The page. Its button lets a name be tried again at once."""
    if name := request.POST.get("again"):
        try_again_now(name)
        messages.success(request, f"{name} is tried within a minute or two.")
        return redirect("admin:certificates")
    context = {
        **admin.site.each_context(request),
        "title": "Certificates",
        "certificates": shown_certificates(),
        "directory": directory_url(settings.MOXSITE_ACME_DIRECTORY),
        "names": [(row, _NAME_CHIPS[row.state]) for row in AcmeName.objects.all()],
        "now": clock.now(),
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
