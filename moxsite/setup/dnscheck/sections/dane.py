"""Whether the keys of the mail servers are published (RFC 7672). Pure."""

from dataclasses import replace

from mail.dns.answers import TlsaRecord
from moxsite.setup.dnscheck.checking import Check, ServerProblem, each, mail_hosts, or_none
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.facts import Host, unique
from moxsite.setup.needs.records import Record


async def look(check: Check, section: Section) -> None:
    """The TLSA records of every mail server that is ours."""
    answer = await or_none(check.dns.mx(check.facts.domain))
    if answer is None:
        section.error("There is no MX record, so no mail server that could have keys published.")
        return
    if not answer.authentic:
        section.warning(
            "The MX records are not signed with DNSSEC, or the resolver can’t tell: without it nobody uses "
            "DANE."
        )
    named = {record.host for record in await mail_hosts(check)}

    async def look_at(host: Host) -> None:
        await _look_at_host(check, section, host)

    await each(section, [host for host in check.facts.hosts if host.name in named], look_at)


async def _look_at_host(check: Check, section: Section, host: Host) -> None:
    name = f"_25._tcp.{host.name}"
    answer = await or_none(check.dns.tlsa(name))
    if not host.key_hashes:
        host = await _seen(check, section, host)
    if not host.key_hashes:
        if answer is not None or host.name == check.facts.host.name:
            section.warning(f"The key of {host.name} is not known here, so {name} is not compared with it.")
        return
    expected = {(3, 1, 1, bytes.fromhex(digest)) for digest in host.key_hashes}
    published = {_fields(record) for record in answer.records} if answer is not None else set()
    missing = [
        Record(name, "TLSA", f"3 1 1 {digest}")
        for digest in host.key_hashes
        if (3, 1, 1, bytes.fromhex(digest)) not in published
    ]
    if missing and not published & expected and published:
        section.error(
            f"No TLSA record of {host.name} is about its key: servers that use DANE deliver no mail.",
            *missing,
        )
    elif missing:
        section.error(f"The key of {host.name} is not published.", *missing)
    for usage, selector, matching, data in sorted(published - expected):
        section.warning(
            f"The TLSA record {usage} {selector} {matching} {data.hex()} of {host.name} is about none of its "
            "keys. Remove it, unless it is for a key to come."
        )
    if answer is not None and not answer.authentic:
        section.error(
            f"The TLSA records of {host.name} are not signed with DNSSEC, so they count for nothing."
        )


async def _seen(check: Check, section: Section, host: Host) -> Host:
    """The host with the keys that it shows; without any where it can't be asked."""
    if check.servers is None:
        return host
    found: list[str] = []
    answer = await or_none(check.dns.addresses(host.name))
    for ip in answer.records if answer is not None else ():
        try:
            found.append(await check.servers.smtp_key(host.name, ip))
        except ServerProblem as problem:
            section.instruction(f"Which key {host.name} shows at {ip} can’t be seen from here: {problem}.")
    return replace(host, key_hashes=unique(found))


def _fields(record: TlsaRecord) -> tuple[int, int, int, bytes]:
    return record.usage, record.selector, record.matching_type, record.data
