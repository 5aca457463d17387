"""URLs of the configuration, taken apart with a sentence for everything that is wrong."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from webserver.routing.hosts import NO_HOST, parse_host

LONGEST_URL: Final = 2000


class WrongUrl(ValueError):
    """The text is no URL that can be used. The message says why."""


@dataclass(frozen=True, slots=True)
class UrlParts:
    """A URL; `port` is None where it says none, `scheme` "" where it says none."""

    scheme: str
    host: str
    port: int | None
    path: str
    query: str
    fragment: str


def split_url(text: str) -> UrlParts:
    """The parts of an http or https URL. Raises WrongUrl."""
    if len(text) > LONGEST_URL:
        raise WrongUrl(f"is longer than {LONGEST_URL} characters")
    if not text.isprintable() or " " in text:
        raise WrongUrl("contains blanks or control characters: write them percent-encoded")
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise WrongUrl(f"is no URL: {error}") from None
    _check(parts, text)
    host = parse_host(parts.netloc)
    if host == NO_HOST:
        raise WrongUrl(f"{parts.netloc!r} is no host with an optional port")
    return UrlParts(parts.scheme, host.name, host.port, parts.path, parts.query, parts.fragment)


def _check(parts: SplitResult, text: str) -> None:
    if parts.scheme not in ("", "http", "https") or not parts.netloc:
        raise WrongUrl("must begin with http:// or https:// and a host")
    if "@" in parts.netloc:
        raise WrongUrl("must not contain a user name or password")
    if not (parts.path + parts.query + parts.fragment).isascii():
        raise WrongUrl("must be ASCII behind the host: write other characters percent-encoded")
