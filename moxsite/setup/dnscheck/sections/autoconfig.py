"""Whether Thunderbird and others find their settings. Pure."""

from moxsite.setup.dnscheck.checking import Check
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.dnscheck.sections.web_hosts import look_at_web_host
from moxsite.setup.needs.records import alias


async def look(check: Check, section: Section) -> None:
    """The host that they ask."""
    host = f"autoconfig.{check.facts.domain}"
    await look_at_web_host(check, section, host, alias(host, check.facts.host.name))
