"""One question to the nameservers and what its outcome means."""

from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver

from mail.dns.answers import Answer
from mail.dns.errors import DnsNotFound, DnsTemporary
from mail.dns.names import plain_text

# RFC 9715 and the DNS flag day 2020: larger answers are cut up by some networks and never arrive.
UDP_PAYLOAD_BYTES = 1232
NEGATIVE_TTL = 300


@dataclass(frozen=True, slots=True)
class Missing:
    """An answer without records, kept in the cache like any other."""

    name: str
    canonical_name: str
    exists: bool
    authentic: bool
    ttl: int

    def error(self, kind: str) -> DnsNotFound:
        """The exception that tells the caller."""
        text = f"{self.name} has no {kind} record" if self.exists else f"{self.name} does not exist"
        return DnsNotFound(
            self.name,
            text,
            exists=self.exists,
            canonical_name=self.canonical_name,
            authentic=self.authentic,
        )


Outcome = Answer[dns.rdata.Rdata] | Missing


def make_stub(nameserver: tuple[str, int] | None, try_seconds: float) -> dns.asyncresolver.Resolver:
    """The dnspython resolver that asks `nameserver`, or those that /etc/resolv.conf names.

    A machine without resolv.conf asks 127.0.0.1, as the C library does.
    """
    if nameserver is None:
        try:
            stub = dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration:
            return make_stub(("127.0.0.1", 53), try_seconds)
    else:
        stub = dns.asyncresolver.Resolver(configure=False)
        stub.nameservers = [nameserver[0]]
        stub.port = nameserver[1]
    stub.cache = None
    stub.timeout = try_seconds
    # AD in the question asks for it in the answer, also without DNSSEC records (RFC 6840 section 5.7).
    stub.flags = dns.flags.RD | dns.flags.AD
    stub.use_edns(0, dns.flags.DO, UDP_PAYLOAD_BYTES)
    return stub


async def ask(
    stub: dns.asyncresolver.Resolver, name: dns.name.Name, kind: str, seconds: float, *, trusted: bool
) -> Outcome:
    """Ask until there is an answer or `seconds` are over.

    Raises DnsTemporary for a timeout, SERVFAIL, or a CNAME chain that does not end.
    """
    text = plain_text(name)
    try:
        answer = await stub.resolve(name, kind, search=False, raise_on_no_answer=False, lifetime=seconds)
    except dns.resolver.NXDOMAIN as error:
        return _nonexistent(name, error, trusted)
    except (dns.exception.DNSException, OSError) as error:
        raise DnsTemporary(text, f"no answer about {text} {kind}: {_reason(error)}") from error
    authentic = trusted and bool(answer.response.flags & dns.flags.AD)
    canonical = plain_text(answer.canonical_name)
    ttl = answer.chaining_result.minimum_ttl
    if answer.rrset is None:
        return Missing(text, canonical, True, authentic, min(ttl, NEGATIVE_TTL))
    return Answer(text, canonical, tuple(answer.rrset), authentic, ttl)


def _nonexistent(name: dns.name.Name, error: dns.resolver.NXDOMAIN, trusted: bool) -> Missing:
    response: dns.message.QueryMessage = error.response(name)  # type: ignore[no-untyped-call]
    chain = response.resolve_chaining()
    authentic = trusted and bool(response.flags & dns.flags.AD)
    ttl = min(chain.minimum_ttl, NEGATIVE_TTL)
    return Missing(plain_text(name), plain_text(chain.canonical_name), False, authentic, ttl)


def _reason(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "the nameserver does not answer"
    if isinstance(error, dns.resolver.NoNameservers):
        failures = [
            str(attempt[3]) or type(attempt[3]).__name__ for attempt in error.kwargs.get("errors", ())
        ]
        return failures[-1] if failures else "no nameserver is left to ask"
    return str(error) or type(error).__name__
