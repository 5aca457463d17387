"""Which domains belong together (RFC 7489 section 3.2). Pure."""

from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


@lru_cache(maxsize=4096)
def organizational_domain(domain: str) -> str:
    """The domain that somebody registered: one label more than the public suffix.

    A public suffix itself is its own. The domain is given as lower case A-labels. The first call reads the
    list, which takes a tenth of a second: `load_public_suffixes` does it beforehand.
    """
    return load_public_suffixes().privatesuffix(domain) or domain


@cache
def load_public_suffixes() -> PublicSuffixList:
    """The public suffix list that was installed with the program."""
    return PublicSuffixList(accept_unknown=True)


def aligned(domain: str, author: str, *, strict: bool) -> bool:
    """Whether a domain that passed speaks for the author's (RFC 7489 section 3.1)."""
    if strict or domain == author or not domain:
        return domain == author
    return organizational_domain(domain) == organizational_domain(author)
