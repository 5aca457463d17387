"""Whether mail for the domain comes here (RFC 5321 section 5.1). Pure."""

from mail.dns.answers import MxRecord
from moxsite.setup.dnscheck.checking import Check, each, or_none, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.records import addresses
from moxsite.setup.needs.wanted import mx_records


async def look(check: Check, section: Section) -> None:
    """The MX records, and whether their hosts are ours."""
    facts = check.facts
    found = await records(check.dns.mx(facts.domain))
    if not found:
        section.error(f"{facts.domain} has no MX record.", *mx_records(facts))
        return
    if any(record.is_null for record in found):
        section.error(
            f"{facts.domain} says that it accepts no mail (null MX). Replace that.", *mx_records(facts)
        )
        return
    named = {record.host for record in found}
    if facts.host.name not in named and not facts.knows_own_ips:
        section.error(f"No MX record names {facts.host.name}.", *mx_records(facts))
    for name in facts.host_names[1:]:
        if name not in named:
            section.warning(
                f"No MX record names {name}.", *(one for one in mx_records(facts) if f" {name}." in one.value)
            )

    async def look_at(record: MxRecord) -> None:
        await _look_at_host(check, section, record.host)

    await each(section, found, look_at)


async def _look_at_host(check: Check, section: Section, host: str) -> None:
    facts = check.facts
    ours = next((own for own in facts.hosts if own.name == host), None)
    answer = await or_none(check.dns.addresses(host))
    if answer is None:
        section.error(
            f"The mail server {host} has no address.",
            *(addresses(host, ours.ips) if ours else mx_records(facts)),
        )
        return
    if answer.canonical_name != host:
        section.error(
            f"The mail server {host} is an alias (CNAME) of {answer.canonical_name}, which many servers "
            "don’t follow (RFC 2181 section 10.3). Give it addresses of its own.",
            *(addresses(host, ours.ips) if ours else ()),
        )
    if not facts.knows_own_ips:
        section.instruction(
            f"Whether {', '.join(answer.records)} of {host} lead here is not checked: set MOXSITE_PUBLIC_IPS "
            "to the addresses of this machine as the world sees them."
        )
        return
    foreign = [ip for ip in answer.records if ip not in facts.own_ips]
    if len(foreign) == len(answer.records):
        section.error(
            f"The mail server {host} has no address of ours: {', '.join(foreign)} is elsewhere. Mail that it "
            "takes does not come here.",
            *mx_records(facts),
        )
    elif foreign:
        section.error(
            f"The mail server {host} also has {', '.join(foreign)}, which is not ours. Remove it.",
            *addresses(host, [ip for ip in answer.records if ip not in foreign]),
        )
