"""Finding the TLSA records of a mail server (RFC 7672 section 2.2)."""

from collections.abc import Sequence

from delivery.dane.verification import TlsaPolicy
from mail.dns.answers import Answer
from mail.dns.errors import DnsNotFound
from mail.dns.resolver import Resolver


async def tlsa_policy(
    host: str, port: int, addresses: Answer[str], next_hop: Sequence[str], resolver: Resolver
) -> TlsaPolicy | None:
    """The TLSA records of a host, None when there are none that DNSSEC vouches for.

    `addresses` is the authentic answer about the host's addresses, `next_hop` the recipient domain and what
    it is an alias of. Records at the end of the host's own aliases come first, then those at its name.

    Raises mail.dns.errors.DnsTemporary: an attacker who suppresses the answer must not win.
    """
    if not addresses.authentic:
        return None
    for base in dict.fromkeys((addresses.canonical_name, host)):
        try:
            answer = await resolver.tlsa(f"_{port}._tcp.{base}")
        except DnsNotFound:
            continue
        if answer.authentic:
            names = dict.fromkeys((base, host, *next_hop))
            return TlsaPolicy(base, tuple(names), answer.records)
    return None
