"""The TXT record at _mta-sts.DOMAIN, which says that there is a policy (RFC 8461 section 3.1)."""

import re
from collections.abc import Sequence

PREFIX = "_mta-sts."

_VERSION = re.compile(r"v=STSv1[ \t]*(?:;|$)")
_FIELD = re.compile(r"([A-Za-z0-9][A-Za-z0-9_.-]{0,31})=([!-:<>-~]+)")
_ID = re.compile(r"[A-Za-z0-9]{1,32}")


class InvalidRecord(ValueError):
    """There are records, but what they say makes no sense; the domain then counts as one without policy."""


def policy_id(texts: Sequence[str]) -> str | None:
    """The id of the policy that the TXT records of a domain announce, None when they announce none.

    Raises InvalidRecord when several records do, or one against the grammar.
    """
    records = [text for text in texts if _VERSION.match(text)]
    if not records:
        return None
    if len(records) > 1:
        raise InvalidRecord(f"there are {len(records)} MTA-STS records")
    _, *fields = [field.strip(" \t") for field in records[0].split(";")]
    if fields and not fields[-1]:
        fields.pop()
    ids = [value for name, value in map(_name_and_value, fields) if name == "id"]
    if len(ids) != 1 or not _ID.fullmatch(ids[0]):
        raise InvalidRecord("the MTA-STS record has no id of 1 to 32 letters and digits")
    return ids[0]


def _name_and_value(field: str) -> tuple[str, str]:
    match = _FIELD.fullmatch(field)
    if match is None:
        raise InvalidRecord(f"the MTA-STS record has a malformed field {field[:40]!r}")
    return match[1], match[2]
