"""Whether mail programs find the services that there are (RFC 6186). Pure."""

from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.services import SERVICES, Service


async def look(check: Check, section: Section) -> None:
    """Every service, also those that there are not."""

    async def look_at(service: Service) -> None:
        await _look_at_service(check, section, service)

    await each(section, SERVICES, look_at)


async def _look_at_service(check: Check, section: Section, service: Service) -> None:
    facts = check.facts
    wanted = service.record(facts)
    found = await records(check.dns.srv(wanted.name))
    offered = service.port != 0
    if not found:
        if offered:
            section.error(f"{wanted.name} is missing: mail programs don’t find the service.", wanted)
        else:
            section.warning(f"{wanted.name} does not say that there is no such service.", wanted)
        return
    if len(found) > 1:
        note = section.error if offered else section.warning
        note(f"{wanted.name} has {len(found)} records; there should be one.", wanted)
    names = set(facts.host_names)
    for record in found:
        if offered and (record.target not in names or record.port != service.port):
            section.error(f"{wanted.name} leads to {_shown(record.target)} port {record.port}.", wanted)
        elif not offered and record.target:
            section.error(
                f"{wanted.name} leads to {record.target} port {record.port}, but there is no such service.",
                wanted,
            )
        elif not offered and record.port:
            section.warning(f"{wanted.name} has port {record.port} for a service that there is not.", wanted)


def _shown(target: str) -> str:
    return target or "nowhere"
