"""A DNS record as text. Pure."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

import dns.reversename

from mail.dkim.record import record_strings


@dataclass(frozen=True, slots=True)
class Record:
    """A record to publish. `name` is without a final dot, `value` as zone files have it."""

    name: str
    kind: str
    value: str

    @property
    def line(self) -> str:
        """The line of a zone file."""
        return f"{self.name}. IN {self.kind} {self.value}"


def txt(name: str, text: str) -> Record:
    """A TXT record; long texts become several strings, which readers join."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return Record(name, "TXT", " ".join(f'"{string}"' for string in record_strings(escaped)))


def alias(name: str, target: str) -> Record:
    """A CNAME record."""
    return Record(name, "CNAME", f"{target}.")


def srv(name: str, port: int, target: str) -> Record:
    """An SRV record (RFC 2782). Without a target it says that there is no such service."""
    return Record(name, "SRV", f"0 1 {port} {target}." if target else "0 0 0 .")


def addresses(name: str, ips: Iterable[str]) -> list[Record]:
    """A and AAAA records."""
    return [Record(name, "A" if ipaddress.ip_address(ip).version == 4 else "AAAA", ip) for ip in ips]


def pointer(ip: str, name: str) -> Record:
    """The PTR record of an address."""
    reverse = dns.reversename.from_address(ip).to_text(omit_final_dot=True)
    return Record(reverse, "PTR", f"{name}.")
