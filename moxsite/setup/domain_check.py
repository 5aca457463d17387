"""Checking a domain of this server: what the command, the pages and the periodic job call."""

import asyncio
import ssl
from collections.abc import Callable

from django.conf import settings

from delivery.mtasts.fetch import PolicyFetcher
from delivery.smtp.client.tls import load_trust
from mail.addresses.domain import AddressError, normalise_domain
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.lookups import Lookups
from mail.dns.resolver import Resolver
from mail.models import Domain
from moxsite.setup.dnscheck.authoritative import AuthoritativeLookups
from moxsite.setup.dnscheck.checking import Check, Servers
from moxsite.setup.dnscheck.findings import Report
from moxsite.setup.dnscheck.running import DEADLINE_SECONDS, run_check
from moxsite.setup.dnscheck.servers import CONNECT_SECONDS, RealServers
from moxsite.setup.dnscheck.whatif import PastedZone, read_zone
from moxsite.setup.knowing import facts_of
from moxsite.setup.needs.facts import Facts


class UnknownDomain(ValueError):
    """It is no domain of this server, or no domain at all. The text says so."""


def find_domain(text: str) -> Domain:
    """The domain with this name, in either form. Raises UnknownDomain."""
    try:
        return Domain.objects.get(name=normalise_domain(text.strip()))
    except AddressError as error:
        raise UnknownDomain(f"{text} can’t be a domain: {error}.") from None
    except Domain.DoesNotExist:
        raise UnknownDomain(
            f"{text} is not a domain of this server. Add it on the admin pages or by “config apply”."
        ) from None


def check_domain(domain: Domain, *, seconds: float = DEADLINE_SECONDS) -> Report:
    """Check what is published. Blocks for at most `seconds`: not for event loops."""
    facts, servers = facts_of(domain), real_servers()
    recursive = _resolver()

    def prepared() -> Check:
        return Check(facts, AuthoritativeLookups(recursive), recursive, servers)

    return asyncio.run(_run(prepared, seconds))


def check_pasted_zone(domain: Domain, text: str, *, whole: bool, seconds: float = DEADLINE_SECONDS) -> Report:
    """Check what would be if these records were published; no server is connected to.

    `whole` says that it is the whole zone, so that nothing else exists in the domain. Raises UnreadableZone.
    """
    rrsets = read_zone(text, domain.name)
    facts, recursive = facts_of(domain), _resolver()

    async def checked() -> Report:
        published = AuthoritativeLookups(recursive)
        signed = await _is_signed(recursive, facts)
        zone = PastedZone(rrsets, published, whole=domain.name if whole else "", signed=signed)
        return await run_check(Check(facts, zone, zone), seconds=seconds)

    return asyncio.run(checked())


def real_servers() -> Servers:
    """Connections as this server would make them. Reads files."""
    web_trust = ssl.create_default_context()
    if settings.MOXSITE_TLS_CA_FILE:
        web_trust.load_verify_locations(settings.MOXSITE_TLS_CA_FILE)
    ca_file = settings.MOXSITE_TLS_CA_FILE or None
    fetcher = PolicyFetcher(ca_file, seconds=CONNECT_SECONDS)
    return RealServers(
        settings.MOXSITE_HOSTNAME, load_trust(ca_file), web_trust, fetcher, settings.MOXSITE_REMOTE_SMTP_PORT
    )


async def _run(prepared: Callable[[], Check], seconds: float) -> Report:
    return await run_check(prepared(), seconds=seconds)


def _resolver() -> Resolver:
    nameserver = settings.MOXSITE_RESOLVER
    return Resolver(nameserver, trusted=nameserver is not None, deadline_seconds=8.0)


async def _is_signed(recursive: Lookups, facts: Facts) -> bool:
    """Whether the zone as it is published is signed."""
    try:
        return (await recursive.ns(facts.domain)).authentic
    except DnsNotFound as error:
        return error.authentic
    except DnsTemporary:
        return False
