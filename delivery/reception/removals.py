"""Header fields that a message loses on its way in. Pure."""

from dataclasses import dataclass

from mail.mime.authserv import claims_authserv_id
from mail.mime.headers import HeaderBlock

_RESULTS = "authentication-results"


@dataclass(frozen=True, slots=True)
class Removals:
    """Fields by lower case name, and whatever claims to be our own verdict about the message.

    Others must not speak in our name (RFC 8601 section 5); `authserv_id` is that name.
    """

    names: frozenset[str]
    authserv_id: str

    def apply(self, header: HeaderBlock) -> bytes | None:
        """The header section without them; None when there is nothing to remove."""
        if not any(name in header for name in self.names) and _RESULTS not in header:
            return None
        return header.without(self._goes)

    def _goes(self, name: str, value: bytes) -> bool:
        if name == _RESULTS:
            return claims_authserv_id(value, self.authserv_id)
        return name in self.names


def inbound_removals(authserv_id: str) -> Removals:
    """What mail from other servers loses: final delivery writes Return-Path (RFC 5321 section 4.4)."""
    return Removals(frozenset({"return-path"}), authserv_id)


def submission_removals(authserv_id: str) -> Removals:
    """What mail from our users loses: also who shall not be seen (RFC 5322 sections 3.6.3 and 3.6.6)."""
    return Removals(frozenset({"return-path", "bcc", "resent-bcc"}), authserv_id)
