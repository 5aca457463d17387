"""What a server can do, as its EHLO reply announces it (RFC 5321 section 4.1.1.1)."""

import re
from dataclasses import dataclass, field

from mail.errors import Reply

_KEYWORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
_LIMIT = re.compile(r"([A-Za-z0-9-]+)=([0-9]{1,6})")


@dataclass(frozen=True, slots=True)
class Extensions:
    """The keywords of one EHLO reply. Empty after HELO, and before and right after STARTTLS.

    `size` is in bytes: None when SIZE is not announced, 0 when announced without a limit (RFC 1870).
    `auth` has the SASL mechanism names in upper case, in the server's order.
    `rcptmax` and `mailmax` come from LIMITS (RFC 9422); None when there is no such limit.
    """

    keywords: frozenset[str] = field(default_factory=frozenset)
    size: int | None = None
    auth: tuple[str, ...] = ()
    rcptmax: int | None = None
    mailmax: int | None = None

    @property
    def eight_bit_mime(self) -> bool:
        """Whether 8-bit message bodies are accepted (RFC 6152)."""
        return "8BITMIME" in self.keywords

    @property
    def smtputf8(self) -> bool:
        """Whether internationalised addresses and headers are accepted (RFC 6531)."""
        return "SMTPUTF8" in self.keywords

    @property
    def pipelining(self) -> bool:
        """Whether several commands may be sent at once (RFC 2920)."""
        return "PIPELINING" in self.keywords

    @property
    def starttls(self) -> bool:
        """Whether TLS can be started (RFC 3207)."""
        return "STARTTLS" in self.keywords

    @property
    def enhanced_status_codes(self) -> bool:
        """Whether replies carry enhanced status codes (RFC 2034)."""
        return "ENHANCEDSTATUSCODES" in self.keywords

    @property
    def requiretls(self) -> bool:
        """Whether TLS can be demanded for the whole way of a message (RFC 8689)."""
        return "REQUIRETLS" in self.keywords


def parse_extensions(reply: Reply) -> Extensions:
    """The extensions that a 250 reply to EHLO announces. Its first line is the greeting, no keyword.

    Lines that make no sense are left out; a malformed LIMITS counts as not announced.
    """
    parameters: dict[str, list[str]] = {}
    for line in reply.text.split("\n")[1:]:
        # "AUTH=LOGIN" is how servers of the 1990s announced it; some still send both forms.
        words = line.replace("=", " ", 1).split() if line[:5].upper() == "AUTH=" else line.split()
        if words and _KEYWORD.fullmatch(words[0]):
            parameters.setdefault(words[0].upper(), []).extend(words[1:])
    limits = _parse_limits(parameters.get("LIMITS", []))
    return Extensions(
        keywords=frozenset(parameters),
        size=_parse_size(parameters.get("SIZE")),
        auth=tuple(dict.fromkeys(name.upper() for name in parameters.get("AUTH", []))),
        rcptmax=limits.get("RCPTMAX"),
        mailmax=limits.get("MAILMAX"),
    )


def _parse_size(words: list[str] | None) -> int | None:
    if words is None:
        return None
    value = words[0] if words else ""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 20 else 0


def _parse_limits(words: list[str]) -> dict[str, int]:
    """Limits by name; a value of 0 or of more than six digits means nothing (RFC 9422 section 3)."""
    limits: dict[str, int] = {}
    for word in words:
        name, _, value = word.partition("=")
        if not value.isascii() or not value.isdigit() or not _KEYWORD.fullmatch(name):
            return {}
        if _LIMIT.fullmatch(word) and int(value) > 0:
            limits[name.upper()] = int(value)
    return limits
