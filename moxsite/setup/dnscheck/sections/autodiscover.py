"""Whether Outlook finds its settings. Pure."""

from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.sections.web_hosts import look_at_web_host
from moxsite.setup.needs.records import alias
from moxsite.setup.needs.services import AUTODISCOVER


async def look(check: Check, section: Section) -> None:
    """The SRV record, where it leads, and the host that is asked without one."""
    facts = check.facts
    wanted = AUTODISCOVER.record(facts)
    found = [record for record in await records(check.dns.srv(wanted.name)) if record.target]
    if not any(record.port == AUTODISCOVER.port for record in found):
        section.error(f"{wanted.name} does not lead to port {AUTODISCOVER.port} of a host.", wanted)

    async def look_at(host: str) -> None:
        await look_at_web_host(check, section, host, wanted)

    await each(section, dict.fromkeys(record.target for record in found), look_at)
    host = f"autodiscover.{facts.domain}"
    if not await records(check.dns.addresses(host)):
        section.warning(f"{host}, which Outlook asks first, has no address.", alias(host, facts.host.name))
