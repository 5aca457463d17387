"""Whether answers can be proven (RFC 4033). Pure."""

import dns.name

from mail.dns.errors import DnsNotFound, DnsTemporary
from moxsite.setup.dnscheck.checking import Check, each, or_none
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.wanted import wanted

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
    if answer is not None and answer.authentic:
        await each(section, _names(check), lambda question: _look_at(check, section, question))
    elif answer is not None:
        section.warning(
            f"{check.facts.domain} is not signed with DNSSEC: others can’t tell a forged answer from a true "
            "one. Have the zone signed by whoever runs its nameservers, and the DS record published by the "
            "registrar."
        )


def _names(check: Check) -> list[tuple[str, str]]:
    """What others ask about the domain: name and type of every record of its own."""
    own = f".{check.facts.domain}"
    found = [(one.name, one.kind) for group in wanted(check.facts) for one in group.records]
    return list(dict.fromkeys(question for question in found if f".{question[0]}".endswith(own)))


async def _look_at(check: Check, section: Section, question: tuple[str, str]) -> None:
    """Whoever validates must get an answer; the nameservers of the zone give theirs even when it is wrong."""
    name, kind = question
    try:
        await check.recursive.outcome(dns.name.from_text(name), kind)
    except DnsTemporary as error:
        section.error(
            f"Resolvers that verify DNSSEC have no answer about {name} {kind} ({error}). See whether its "
            "signature is wrong or has expired."
        )
