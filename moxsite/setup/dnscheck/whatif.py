"""Records that are not published yet, answered as if they were. Pure."""

from collections.abc import Iterable
from typing import Final

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rrset
import dns.tokenizer
import dns.zonefile

from mail.dns.answers import Answer
from mail.dns.lookups import Lookups
from mail.dns.names import plain_text
from mail.dns.query import Missing, Outcome

LONGEST: Final = 500_000
_DIRECTIVES: Final = ("$ORIGIN", "$TTL")
_TTL: Final = 300
_STEPS: Final = 16


class UnreadableZone(ValueError):
    """The text is no zone file. It says in which line and why."""


def read_zone(text: str, origin: str) -> list[dns.rrset.RRset]:
    """The record sets of a zone file; names without a final dot belong to `origin`. Raises UnreadableZone."""
    if len(text) > LONGEST:
        raise UnreadableZone(f"The zone has more than {LONGEST} characters.")
    manager = dns.zonefile.RRSetsReaderManager(dns.name.root, False, dns.rdataclass.IN)
    try:
        with manager.writer(True) as transaction:  # type: ignore[no-untyped-call]
            tokens = dns.tokenizer.Tokenizer(text, "line")
            reader = dns.zonefile.Reader(
                tokens, dns.rdataclass.IN, transaction, allow_directives=_DIRECTIVES, default_ttl=_TTL
            )
            reader.current_origin = dns.name.from_text(origin)
            reader.read()
    except (dns.exception.DNSException, ValueError) as error:
        reason = str(error).replace("line:", "near line ", 1) or type(error).__name__
        raise UnreadableZone(f"The zone can’t be read: {reason}.") from None
    return manager.rrsets


class PastedZone(Lookups):
    """Answers from record sets; what they don’t say is as `published`.

    For names of the domain `whole` nothing else is asked: what is missing there does not exist. `signed` says
    whether answers about pasted records count as authentic.
    """

    def __init__(
        self,
        rrsets: Iterable[dns.rrset.RRset],
        published: Lookups | None,
        *,
        whole: str = "",
        signed: bool = False,
    ) -> None:
        self._records: dict[str, dict[str, tuple[dns.rdata.Rdata, ...]]] = {}
        for rrset in rrsets:
            kinds = self._records.setdefault(plain_text(rrset.name), {})
            kinds[dns.rdatatype.to_text(rrset.rdtype)] = tuple(rrset)
        self._published = published
        self._whole = whole
        self._signed = signed

    async def outcome(self, name: dns.name.Name, kind: str) -> Outcome:
        """The pasted records, following aliases, or what is published. Raises DnsTemporary."""
        asked = text = plain_text(name)
        for _ in range(_STEPS):
            kinds = self._records.get(text, {})
            if kind in kinds:
                return Answer(asked, text, kinds[kind], self._signed, _TTL)
            if "CNAME" not in kinds:
                break
            (target, *_) = kinds["CNAME"]
            text = plain_text(target.target)  # type: ignore[attr-defined]
        if self._published is None or self._is_complete(text):
            return Missing(asked, text, self._exists(text), self._signed, _TTL)
        outcome = await self._published.outcome(dns.name.from_text(text), kind)
        return outcome.renamed(asked) if isinstance(outcome, Answer) else outcome

    def _is_complete(self, name: str) -> bool:
        return bool(self._whole) and f".{name}".endswith(f".{self._whole}")

    def _exists(self, name: str) -> bool:
        return any(f".{known}".endswith(f".{name}") for known in self._records)
