"""Looking at every domain's records now and then, and telling the postmaster when something breaks."""

import logging
from collections.abc import Sequence
from typing import Final

from django.conf import settings
from django.db import IntegrityError

from delivery.limit_notices.letter import owner_letter
from mail import clock
from mail.addresses.domain import display_domain
from mail.configuration.rules.mailboxes import INBOX
from mail.configuration.snapshot import InvalidConfiguration
from mail.directory.owners import postmaster_account
from mail.models import Domain
from mail.periodic.registry import every
from mail.store.accept import AcceptMessage
from mail.store.deliver import LocalDelivery
from mail.store.from_bytes import content_from_bytes
from mail.store.writer import writer
from moxsite.setup.dnscheck.findings import Report
from moxsite.setup.domain_check import check_domain
from moxsite.setup.keeping import keep
from moxsite.setup.models import DomainCheck

log = logging.getLogger(__name__)

_MINUTES: Final = 6 * 60
_LISTED: Final = 20


@every(minutes=_MINUTES, name="check DNS records")
def check_all_domains() -> None:
    """Every domain that takes part in mail, one after the other."""
    if settings.MOXSITE_DELIVER == "self":
        return  # nothing of a try-out is in DNS
    for domain in Domain.objects.filter(disabled=False).order_by("name"):
        try:
            watch(domain, check_domain(domain))
        except (InvalidConfiguration, IntegrityError) as error:
            fields = {"domain": domain.name, "reason": str(error)}
            log.warning("a domain could not be checked", extra={"fields": fields})


def watch(domain: Domain, report: Report) -> None:
    """Keep the result; tell of errors that the check before had too, each once until it is gone.

    What is seen once may be a nameserver that was away for a moment. The first check of a domain tells of
    nothing: who has just set it up is reading the page.
    """
    before = DomainCheck.objects.filter(domain=domain).first()
    errors = error_texts(report)
    fields = {"domain": domain.name, "errors": report.error_count, "warnings": report.warning_count}
    log.info("DNS records checked", extra={"fields": fields})
    kept = keep(domain, report)
    if before is None:
        kept.told = errors
    else:
        known, earlier = set(before.told), set(_stored_errors(before))
        new = [text for text in errors if text not in known and text in earlier]
        if new:
            log.warning("DNS records broke", extra={"fields": {**fields, "first": new[0]}})
            _tell(domain, new)
        kept.told = [text for text in errors if text in known or text in new]
    kept.save(update_fields=["told"])


def error_texts(report: Report) -> list[str]:
    """All errors, each with its section."""
    return [f"{section.name}: {error}" for section in report.sections for error in section.errors]


def _stored_errors(kept: DomainCheck) -> list[str]:
    sections = kept.report.get("sections", [])
    return [f"{section['name']}: {error}" for section in sections for error in section["errors"]]


def _tell(domain: Domain, errors: Sequence[str]) -> None:
    account = postmaster_account()
    if account is None:
        return
    host, name = settings.MOXSITE_HOSTNAME, display_domain(domain.name)
    more = [f"And {len(errors) - _LISTED} more."] if len(errors) > _LISTED else []
    paragraphs = [
        f"Something about the DNS records of {name} is not as it was:",
        *(text.replace("\n", " — record to publish: ", 1).replace("\n", "; ") for text in errors[:_LISTED]),
        *more,
        f"The page of the domain on the admin pages of {host} has all findings, and checks again.",
    ]
    to = f"postmaster@{host}"
    raw = owner_letter(host, to, f"DNS records of {name} need attention", paragraphs, clock.now())
    prefix = f"Return-Path: <{to}>\r\n".encode()
    delivery = LocalDelivery(account.pk, INBOX, prefix, "", to, notice=True)
    writer().submit(AcceptMessage(content_from_bytes(raw), (delivery,))).result()
