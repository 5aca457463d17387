"""Addresses that reports are sent to, as records name them. Pure."""

from urllib.parse import unquote


def mail_addresses(uris: str) -> list[str]:
    """The mail addresses of a list such as “mailto:a@example.org!10m, https://…”."""
    found = []
    for uri in uris.split(","):
        scheme, colon, rest = uri.strip().partition(":")
        if colon and scheme.lower() == "mailto" and "@" in rest:
            found.append(unquote(rest.partition("!")[0].partition("?")[0]).lower())
    return found
