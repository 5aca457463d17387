"""What is known about this installation and a domain of it. Pure; all names are A-labels in lower case."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Host:
    """A machine of this installation that takes mail and sends it.

    `ips` are its addresses as the world sees them, empty when they are unknown. `key_hashes` are the SHA-256
    of the public keys that it shows in TLS, in hex, for DANE.
    """

    name: str
    ips: tuple[str, ...] = ()
    key_hashes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Key:
    """A DKIM key: the name and text of its record, and whether it signs at present or waits."""

    name: str
    text: str
    signs: bool = True


@dataclass(frozen=True, slots=True)
class Proxy:
    """A SOCKS transport: the addresses it is said to have outside, and its EHLO name if it has its own."""

    transport: str
    remote_ips: tuple[str, ...]
    ehlo_name: str = ""


@dataclass(frozen=True, slots=True)
class Relay:
    """A transport to a relay of somebody else."""

    transport: str
    hosts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that decides which records a domain needs. The first host is this machine.

    `reports` is the address that DMARC and TLS reports shall go to. `authority` is what CAA records call the
    one that issues certificates here, empty when that is not known.
    """

    domain: str
    hosts: tuple[Host, ...]
    keys: tuple[Key, ...] = ()
    proxies: tuple[Proxy, ...] = ()
    relays: tuple[Relay, ...] = ()
    reports: str = ""
    authority: str = ""

    @property
    def host(self) -> Host:
        """This machine."""
        return self.hosts[0]

    @property
    def report_address(self) -> str:
        """Where reports go; without another wish the postmaster of the domain, who always exists."""
        return self.reports or f"postmaster@{self.domain}"

    @property
    def host_names(self) -> tuple[str, ...]:
        """The names of all machines."""
        return tuple(host.name for host in self.hosts)

    @property
    def own_ips(self) -> tuple[str, ...]:
        """The addresses of all machines, as far as they are known."""
        return unique(ip for host in self.hosts for ip in host.ips)

    @property
    def knows_own_ips(self) -> bool:
        """Whether the addresses of every machine are known, so that others can be told from ours."""
        return all(host.ips for host in self.hosts)

    @property
    def sending_ips(self) -> tuple[str, ...]:
        """Every address that mail may come from: of the machines, and of every proxy, routed to or not."""
        return unique([*self.own_ips, *(ip for proxy in self.proxies for ip in proxy.remote_ips)])

    def ehlo_names(self) -> dict[str, tuple[str, ...]]:
        """The names that are said in EHLO, each with the known addresses it is said from."""
        found: dict[str, list[str]] = {host.name: list(host.ips) for host in self.hosts}
        for proxy in self.proxies:
            found.setdefault(proxy.ehlo_name or self.host.name, []).extend(proxy.remote_ips)
        return {name: unique(ips) for name, ips in found.items()}

    def named_proxies(self) -> dict[str, tuple[str, ...]]:
        """EHLO names that only proxies have, each with the addresses outside of all of them."""
        own = set(self.host_names)
        return {name: ips for name, ips in self.ehlo_names().items() if name not in own and ips}


def unique(values: Iterable[str]) -> tuple[str, ...]:
    """Each value once, in order."""
    return tuple(dict.fromkeys(values))
