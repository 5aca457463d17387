"""Certificates: which are shown to whom, and until when."""

from dataclasses import dataclass
from pathlib import Path
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
from moxsite.admin.given_certificates import FileForm, UploadForm, remove_certificate, remove_files
from moxsite.admin.saying import say_when_used
from moxsite.models import AcmeName
from moxsite.pages.words import Chip
from webserver.models import CertificateFile

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
    problem: str = ""
    remove: str = ""
    """What its button says to the page; "" where there is none."""


@require_http_methods(["GET", "HEAD", "POST"])
def certificates_page(request: HttpRequest) -> HttpResponse:
    """The page. A name can be tried again at once; certificates are added and removed."""
    if name := request.POST.get("again"):
        try_again_now(name)
        messages.success(request, f"{name} is tried within a minute or two.")
        return redirect("admin:certificates")
    upload, files = UploadForm(), FileForm()
    match request.POST.get("action", "").split(" "):
        case ["upload"]:
            upload = UploadForm(request.POST, request.FILES)
            if _stored(request, upload):
                return redirect("admin:certificates")
        case ["files"]:
            files = FileForm(request.POST)
            if _stored(request, files):
                return redirect("admin:certificates")
        case ["remove", row]:
            return _removed(request, remove_certificate(row))
        case ["remove-files", row]:
            return _removed(request, remove_files(row))
    context = {
        "upload": upload,
        "files": files,
        **admin.site.each_context(request),
        "title": "Certificates",
        "certificates": shown_certificates(),
        "directory": directory_url(settings.MOXSITE_ACME_DIRECTORY),
        "names": [(row, _NAME_CHIPS[row.state]) for row in AcmeName.objects.all()],
        "now": clock.now(),
    }
    return TemplateResponse(request, "admin/certificates.html", context)


def _stored(request: HttpRequest, form: UploadForm | FileForm) -> bool:
    if not form.is_valid():
        return False
    say_when_used(request, f"The certificate for {form.store()} is stored.")
    return True


def _removed(request: HttpRequest, what: str) -> HttpResponse:
    if what:
        messages.success(request, f"The certificate for {what} is no longer used.")
    return redirect("admin:certificates")


def shown_certificates() -> list[ShownCertificate]:
    """Those of files by host, those in the database, and the one that is shown where no other fits."""
    shown = [_shown_files(row) for row in CertificateFile.objects.all()]
    for row in Certificate.objects.order_by("not_after"):
        is_given = row.source == Certificate.Source.OPERATOR
        shown.append(
            ShownCertificate(
                tuple(row.names),
                row.get_source_display(),
                row.not_after,
                _chip(row.not_after),
                remove=f"remove {row.pk}" if is_given else "",
            )
        )
    own = "the file of MOXSITE_TLS_CERT_FILE" if settings.MOXSITE_TLS_CERT_FILE else "self-made"
    try:
        facts = read_facts(settings.TLS_CERTIFICATE.read_bytes())
    except (OSError, CertificateError):
        return [*shown, ShownCertificate((), own, None, Chip("unreadable", "red"))]
    chip = _chip(facts.not_after) if settings.MOXSITE_TLS_CERT_FILE else Chip("self-made", "amber")
    return [*shown, ShownCertificate(facts.names, f"{own}; for all other names", facts.not_after, chip)]


def _shown_files(row: CertificateFile) -> ShownCertificate:
    remove = f"remove-files {row.pk}"
    try:
        facts = read_facts(Path(row.cert_file).read_bytes())
    except (OSError, CertificateError) as error:
        reason = error.strerror or "" if isinstance(error, OSError) else str(error)
        chip = Chip("unreadable", "red")
        return ShownCertificate((row.name,), f"file {row.cert_file}", None, chip, reason, remove)
    chip = _chip(facts.not_after)
    return ShownCertificate((row.name,), f"file {row.cert_file}", facts.not_after, chip, "", remove)


def _chip(end: clock.Moment) -> Chip:
    left = end - clock.now()
    if left <= 0:
        return Chip("expired", "red")
    return Chip("ends soon", "amber") if left < SOON else Chip("valid", "green")
