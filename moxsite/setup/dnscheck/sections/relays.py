"""What can be known of relays of others, and what can't. Pure."""

from mail.tls.names import is_ip_address
from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.facts import Relay


async def look(check: Check, section: Section) -> None:
    """Every transport to a relay, routed to or not."""
    domain = check.facts.domain
    texts = [text for text in await records(check.dns.txt(domain)) if text.lower().startswith("v=spf1")]
    includes = [term for text in texts for term in text.split() if term.lower().startswith("include:")]
    named = f"The record now has {' '.join(includes)}." if includes else "The record now includes nobody."
    for relay in check.facts.relays:
        section.instruction(
            f"Transport {relay.transport} hands mail to {', '.join(relay.hosts)}. From which addresses that "
            f"goes on can’t be known from here, so SPF of {domain} is not checked for it: add the include: "
            f"that the operator of the relay names. {named} DKIM signatures made here stay valid unless the "
            "relay changes messages; if it signs itself, publish the keys that its operator names."
        )

    async def look_at(relay: Relay) -> None:
        for host in relay.hosts:
            if not is_ip_address(host) and not await records(check.dns.addresses(host)):
                section.warning(f"{host}, the relay of transport {relay.transport}, has no address.")

    await each(section, check.facts.relays, look_at)
