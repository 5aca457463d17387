"""Hosts that must lead to the pages of this server. Pure."""

from moxsite.setup.dnscheck.checking import Check, ServerProblem, or_none
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.records import Record


async def look_at_web_host(check: Check, section: Section, host: str, wanted: Record) -> None:
    """Its addresses are ours, and it shows a certificate for its name. Raises DnsTemporary."""
    answer = await or_none(check.dns.addresses(host))
    if answer is None:
        section.error(f"{host} has no address.", wanted)
        return
    foreign = [ip for ip in answer.records if ip not in check.facts.own_ips]
    if foreign and check.facts.knows_own_ips:
        section.error(f"{host} leads to {', '.join(foreign)}, which is not ours.", wanted)
        return
    if check.servers is None:
        return
    for ip in answer.records:
        try:
            await check.servers.https(host, ip)
        except ServerProblem as problem:
            section.error(f"{host} ({ip}): {problem}. It needs a certificate for {host} at port 443.")
