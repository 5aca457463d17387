"""What a DNS lookup gives: typed records with their authenticity and lifetime.

Names are lower case, absolute and written without the final dot; the root is the empty string.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

Record = TypeVar("Record")
Converted = TypeVar("Converted")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Record]):
    """The records found for a name.

    `canonical_name` is where the CNAME chain ended (the name itself without a chain). `authentic` says that
    a resolver configured as trusted has validated all of it with DNSSEC (RFC 4035 section 3.2.3).
    `ttl` is in seconds.
    """

    name: str
    canonical_name: str
    records: tuple[Record, ...]
    authentic: bool
    ttl: int

    def convert(self, change: Callable[[Record], Converted]) -> "Answer[Converted]":
        """The same answer with each record replaced by `change(record)`."""
        records = tuple(change(record) for record in self.records)
        return Answer(self.name, self.canonical_name, records, self.authentic, self.ttl)

    def renamed(self, name: str) -> "Answer[Record]":
        """The same answer as one for `name`."""
        return replace(self, name=name)


@dataclass(frozen=True, slots=True)
class MxRecord:
    """One mail exchanger (RFC 5321 section 5.1). Lower preferences come first."""

    preference: int
    host: str

    @property
    def is_null(self) -> bool:
        """Whether this record says that the domain accepts no mail (RFC 7505)."""
        return self.host == ""


@dataclass(frozen=True, slots=True)
class TlsaRecord:
    """One certificate association (RFC 6698 section 2.1)."""

    usage: int
    selector: int
    matching_type: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CaaRecord:
    """Who may issue certificates (RFC 8659 section 4.1). `tag` is in lower case."""

    is_critical: bool
    tag: str
    value: str


@dataclass(frozen=True, slots=True)
class SrvRecord:
    """Where a service is (RFC 2782). An empty target says that there is no such service."""

    priority: int
    weight: int
    port: int
    target: str
