"""Whether the mail servers encrypt, with certificates that others accept (RFC 3207). Pure."""

from mail.dns.errors import DnsNotFound
from moxsite.setup.dnscheck.checking import Check, ServerProblem, each, mail_hosts
from moxsite.setup.dnscheck.findings import Section


async def look(check: Check, section: Section) -> None:
    """Each address of each mail server."""
    if check.servers is None:
        section.instruction("Servers are not connected to in a what-if.")
        return
    servers = check.servers

    async def look_at(target: tuple[str, str]) -> None:
        host, ip = target
        try:
            await servers.smtp_tls(host, ip)
        except ServerProblem as problem:
            section.error(
                f"{host} ({ip}): {problem}. Get a certificate for {host} and open port 25, or see whether a "
                "firewall on the way blocks it."
            )

    targets: list[tuple[str, str]] = []

    async def resolve(host: str) -> None:
        try:
            targets.extend((host, ip) for ip in (await check.dns.addresses(host)).records)
        except DnsNotFound:
            section.error(f"{host} has no address to connect to.")

    await each(section, dict.fromkeys(record.host for record in await mail_hosts(check)), resolve)
    if not targets:
        section.error("There is no mail server to connect to: see the section MX.")
    await each(section, targets, look_at)
