"""The domain that a message from elsewhere claims to be from (RFC 7489 section 6.6.1). Pure."""

from functools import lru_cache

from mail.addresses.domain import AddressError, normalise_domain
from mail.errors import MailError
from mail.mime.address_list import parse_address_list
from mail.mime.headers import HeaderBlock

_MOST_ADDRESSES = 100
_REMEMBERED = 300
"""Bytes of the longest value whose domain is remembered."""


def author_domain(header: HeaderBlock) -> str:
    """The domain of the one From field: lower case A-labels, or an address literal.

    Several authors are fine as long as they share it. Raises MailError 550 5.7.1 when there are no or several
    fields or domains: programs differ in which they show, and what nobody vouches for would be shown.
    """
    values = header.get_all("from")
    if not values:
        raise _refused("the message has no From field, so nobody can tell who wrote it")
    if len(values) > 1:
        raise _refused(f"the message has {len(values)} From fields; it needs exactly one")
    value = values[0]
    return (_known_domain if len(value) <= _REMEMBERED else _shared_domain)(value)


def _shared_domain(value: bytes) -> str:
    addresses = parse_address_list(value, limit=_MOST_ADDRESSES)
    if len(addresses) == _MOST_ADDRESSES:
        raise _refused("the From field has too many addresses")
    domains = {_domain(entry.address) for entry in addresses if "@" in entry.address}
    if not domains:
        raise _refused("the From field has no address")
    if len(domains) > 1:
        raise _refused("the From field has addresses of several domains; only one can be checked")
    return domains.pop()


_known_domain = lru_cache(maxsize=1024)(_shared_domain)
"""Senders write again and again."""


def _domain(address: str) -> str:
    domain = address.rpartition("@")[2]
    if domain.startswith("[") and domain.endswith("]"):
        return domain.lower()
    try:
        # A host name with underscores is no mail domain, but exists; a policy may stand above it.
        normalise_domain(domain.replace("_", "-")) if domain.isascii() else normalise_domain(domain)
        return domain.lower().removesuffix(".") if domain.isascii() else normalise_domain(domain)
    except AddressError as error:
        raise _refused(f"the domain in the From field can't be used: {error}") from error


def _refused(text: str) -> MailError:
    return MailError(550, "5.7.1", text)
