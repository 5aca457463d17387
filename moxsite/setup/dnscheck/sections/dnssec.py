"""Whether answers can be proven (RFC 4033). Pure."""

from mail.dns.errors import DnsNotFound
from moxsite.setup.dnscheck.checking import Check, or_none
from moxsite.setup.dnscheck.findings import Section

_SIGNED_FOR_YEARS = "com"


async def look(check: Check, section: Section) -> None:
    """First whether the resolver validates, then whether the domain is signed."""
    try:
        known = await check.recursive.ns(_SIGNED_FOR_YEARS)
    except DnsNotFound:
        section.error("The configured resolver does not know the nameservers of com: it can’t be relied on.")
        return
    if not known.authentic:
        section.warning(
            "The configured resolver does not say whether answers are authentic (DNSSEC), or is not trusted "
            "to. Run a validating resolver on this machine, such as unbound, and name it with "
            "MOXSITE_RESOLVER=127.0.0.1. Until then DANE is not used."
        )
        return
    answer = await or_none(check.recursive.mx(check.facts.domain))
    if answer is not None and not answer.authentic:
        section.warning(
            f"{check.facts.domain} is not signed with DNSSEC: others can’t tell a forged answer from a true "
            "one. Have the zone signed by whoever runs its nameservers, and the DS record published by the "
            "registrar."
        )
