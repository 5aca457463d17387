"""DMARC records (RFC 7489 section 6.3). Pure."""

import re
from dataclasses import dataclass
from typing import Final

from mail.authentication.results import Disposition
from mail.authentication.tags import lenient_tags

_VERSION: Final = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|$)")
_REPORT_ADDRESS: Final = re.compile(r"[ \t]*mailto:[^@]+@[^@]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """What a domain asks for: `policy` for itself, `subdomain_policy` for what is below it.

    `percent` of the messages that fail are meant. The two others are about alignment.
    """

    policy: Disposition
    subdomain_policy: Disposition
    strict_dkim: bool = False
    strict_spf: bool = False
    percent: int = 100


def is_record(text: str) -> bool:
    """Whether a TXT record claims to be one."""
    return _VERSION.match(text) is not None


def read_record(text: str) -> DmarcRecord | None:
    """Read a record that `is_record`; None when it says nothing about what shall be done.

    Everything but the policy is replaced by its default when it can't be read. Without a policy, but with
    an address for reports, a record asks for nothing (section 6.6.3).
    """
    tags = lenient_tags(text)
    policy = _disposition(tags.get("p"))
    subdomains = _disposition(tags["sp"]) if "sp" in tags else policy
    if policy is None or subdomains is None:
        if not _REPORT_ADDRESS.match(tags.get("rua", "")):
            return None
        policy = subdomains = Disposition.NONE
    return DmarcRecord(
        policy,
        subdomains,
        strict_dkim=tags.get("adkim", "r").lower() == "s",
        strict_spf=tags.get("aspf", "r").lower() == "s",
        percent=_percent(tags.get("pct", "")),
    )


def _disposition(text: str | None) -> Disposition | None:
    try:
        return Disposition((text or "").lower())
    except ValueError:
        return None


def _percent(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 3 and int(text) <= 100 else 100
