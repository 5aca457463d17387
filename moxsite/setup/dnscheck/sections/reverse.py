"""Whether the addresses that mail comes from have names that lead back (RFC 1912 section 2.1). Pure."""

from ipaddress import ip_address

from moxsite.setup.dnscheck.checking import Check, each, records
from moxsite.setup.dnscheck.findings import Section
from moxsite.setup.needs.records import addresses, pointer


async def look(check: Check, section: Section) -> None:
    """The names of all sending addresses, and the addresses of all names said in EHLO."""
    facts = check.facts
    names_of: dict[str, list[str]] = {}
    for name, ips in facts.ehlo_names().items():
        for ip in ips:
            names_of.setdefault(ip, []).append(name)
    if not facts.knows_own_ips:
        section.instruction(
            "The addresses of this machine as the world sees them are not known, so their names are not "
            "checked. Set MOXSITE_PUBLIC_IPS."
        )
    for proxy in facts.proxies:
        _tell_of_proxy(check, section, proxy.transport, proxy.remote_ips, proxy.ehlo_name)

    async def look_at_ip(ip: str) -> None:
        await _look_at_ip(check, section, ip, names_of[ip])

    async def look_at_name(name: str) -> None:
        await _look_at_name(check, section, name)

    await each(section, names_of, look_at_ip)
    await each(section, facts.ehlo_names(), look_at_name)


def _tell_of_proxy(
    check: Check, section: Section, transport: str, ips: tuple[str, ...], ehlo_name: str
) -> None:
    """Which names the addresses of a proxy need; whether it uses them can't be seen."""
    if not ips:
        section.instruction(
            f"Transport {transport} names no addresses outside, so neither their names nor SPF can be "
            "checked. Set remote_ips to the addresses that the world sees."
        )
        return
    name = ehlo_name or check.facts.host.name
    text = f"Addresses outside of transport {transport} need reverse names, set by whoever owns them."
    if not ehlo_name:
        text += " Without an EHLO name of its own (remote_hostname) they lead to this machine’s name."
    section.instruction(text, *(pointer(ip, name) for ip in ips))


async def _look_at_ip(check: Check, section: Section, ip: str, expected: list[str]) -> None:
    names = await records(check.dns.ptr(ip))
    wanted = pointer(ip, expected[0])
    if not names:
        section.error(
            f"{ip} has no name (PTR): many servers refuse mail from it. Whoever gave you the address can "
            "set it.",
            wanted,
        )
        return
    matching = [name for name in expected if name in names]
    if not matching:
        section.warning(
            f"{ip} is called {', '.join(names)}, but mail from it says {expected[0]}. Let the name be what "
            "EHLO says.",
            wanted,
        )


async def _look_at_name(check: Check, section: Section, name: str) -> None:
    """A name said in EHLO must have addresses, and those it is said from if it is the proxy's own."""
    found = await records(check.dns.addresses(name))
    known = check.facts.ehlo_names()[name]
    own = next((host.ips for host in check.facts.hosts if host.name == name), known)
    if not found and not own and name not in check.facts.host_names:
        section.instruction(f"{name}, said in EHLO, has no address. Give it those that its mail comes from.")
        return
    if not found:
        section.error(f"{name}, said in EHLO, has no address.", *addresses(name, own))
        return
    if loopback := [ip for ip in found if ip_address(ip).is_loopback]:
        section.error(
            f"{name} leads to {', '.join(loopback)}, which is every machine’s own. Remove that from the zone "
            "or the hosts file.",
            *addresses(name, own),
        )
    missing = [ip for ip in own if ip not in found]
    if missing:
        section.error(f"{name} does not lead to {', '.join(missing)}.", *addresses(name, missing))
