"""The two ways in which a DNS lookup fails."""


class DnsError(Exception):
    """A lookup that gave no records. `name` is what was asked for."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(text)
        self.name = name


class DnsNotFound(DnsError):
    """There are no such records: asking again soon gives the same.

    `exists` is False when the name itself does not exist (NXDOMAIN, or no legal domain name), True when it
    only has no records of the type asked for. `canonical_name` is where the CNAME chain ended.
    """

    def __init__(self, name: str, text: str, *, exists: bool, canonical_name: str, authentic: bool) -> None:
        super().__init__(name, text)
        self.exists = exists
        self.canonical_name = canonical_name
        self.authentic = authentic


class DnsTemporary(DnsError):
    """No answer could be had: a timeout, SERVFAIL, or an answer that makes no sense. Later may be better."""
