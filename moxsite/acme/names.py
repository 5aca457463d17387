"""Which host names get certificates: those of the configuration, and never what somebody asks for."""

import contextlib
import ipaddress
from dataclasses import dataclass

from django.conf import settings

from mail import clock
from mail.models import Certificate, Domain
from mail.secrets import SealBroken
from mail.tls.errors import CertificateError
from mail.tls.reading import read_facts
from webserver.models import DomainRedirect, WebHandler

ORDER_BEFORE = 2 * clock.DAY
"""So long before an uploaded certificate ends one is ordered in its place: it was not followed by another."""

SERVICE_PREFIXES = ("mta-sts.", "autoconfig.", "autodiscover.")
"""Names below mail domains that this server answers at, where DNS leads them here."""


@dataclass(frozen=True, slots=True)
class WantedName:
    """A host name, and what it is for. An optional one that is not in DNS is no problem."""

    name: str
    purpose: str
    is_optional: bool = False


def wanted_names() -> list[WantedName]:
    """Each name once, the server's own first."""
    found = [WantedName(settings.MOXSITE_HOSTNAME, "this server")]
    hosts = [*WebHandler.objects.filter(disabled=False).values_list("domain", flat=True)]
    hosts += DomainRedirect.objects.values_list("from_domain", flat=True)
    found += [WantedName(host, "web") for host in sorted(set(hosts))]
    for domain in Domain.objects.filter(disabled=False).values_list("name", flat=True):
        found += [WantedName(prefix + domain, "mail domain", is_optional=True) for prefix in SERVICE_PREFIXES]
    covered = _names_of_file() | _names_of_uploaded()
    unique = {wanted.name: wanted for wanted in reversed(found)}
    return [
        wanted
        for wanted in reversed(unique.values())
        if _is_public(wanted.name) and not {wanted.name, "*." + wanted.name.partition(".")[2]} & covered
    ]


def _names_of_file() -> set[str]:
    """What the certificate that an operator has named is for."""
    if not settings.MOXSITE_TLS_CERT_FILE:
        return set()
    try:
        return set(read_facts(settings.TLS_CERTIFICATE.read_bytes()).names)
    except (OSError, CertificateError):
        return set()


def _names_of_uploaded() -> set[str]:
    """What certificates that the operator has uploaded are for, as long as they can be used."""
    now, names = clock.now(), set()
    rows = Certificate.objects.filter(
        source=Certificate.Source.OPERATOR, not_before__lte=now, not_after__gt=now + ORDER_BEFORE
    )
    for row in rows:
        with contextlib.suppress(SealBroken):
            if row.private_key:
                names.update(row.names)
    return names


def _is_public(name: str) -> bool:
    """Whether an authority could know it: a host name with a domain, no address, no wildcard."""
    labels = name.split(".")
    if len(labels) < 2 or labels[-1] in ("localhost", "local", "internal", "invalid"):
        return False
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return "*" not in name
    return False
