"""Certificates in the database: how they get there, and what a snapshot holds of them."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django.db import transaction

from mail import clock
from mail.configuration.snapshot import register_section
from mail.models import Certificate
from mail.secrets import SealBroken
from mail.tls.context import server_context
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoredCertificate:
    """A certificate with its key, both as PEM."""

    chain: bytes
    private_key: bytes = field(repr=False)
    not_after: clock.Moment


@dataclass(frozen=True, slots=True)
class StoredCertificates:
    """Certificates by the names they are for, wildcards such as *.example.org among them."""

    by_name: Mapping[str, StoredCertificate]


def compile_stored_certificates() -> StoredCertificates:
    """For each name the one that is valid longest. One that can't be opened is reported and left out."""
    found: dict[str, StoredCertificate] = {}
    for row in Certificate.objects.order_by("not_after", "id"):
        try:
            stored = StoredCertificate(row.chain.encode(), row.private_key, row.not_after)
        except SealBroken as error:
            fields = {"names": str(row), "reason": str(error)}
            log.error("a certificate can't be used", extra={"fields": fields})
        else:
            found |= dict.fromkeys(row.names, stored)
    return StoredCertificates(MappingProxyType(found))


def store_certificate(chain_pem: bytes, key_pem: bytes, source: str) -> Certificate:
    """Put a certificate in force, in place of earlier ones of the same source for the same names.

    Takes names and times from the certificate. Raises CertificateError when it has no names, can't be read
    or does not belong to the key; then nothing changes. Reads and writes the database.
    """
    server_context(chain_pem, key_pem)
    facts = read_facts(chain_pem)
    if not facts.names:
        raise CertificateError("the certificate names no host (it has no subjectAltName)")
    made = Certificate(
        names=list(facts.names),
        chain=chain_pem.decode("ascii"),
        source=source,
        not_before=facts.not_before,
        not_after=facts.not_after,
        created=clock.now(),
    )
    made.set_private_key(key_pem)
    with transaction.atomic():
        earlier = [row.pk for row in Certificate.objects.filter(source=source) if _same(row, made)]
        Certificate.objects.filter(pk__in=earlier).delete()
        made.save()
    return made


def register() -> None:
    """Let snapshots have this section."""
    register_section(StoredCertificates, compile_stored_certificates)


def _same(one: Certificate, other: Certificate) -> bool:
    return set(one.names) == set(other.names)
