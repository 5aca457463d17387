"""The header fields that tell mail programs what was found out (RFC 8601, RFC 7208 section 9.1). Pure."""

import re
from collections.abc import Iterator
from typing import Final

from mail.addresses.address import Address
from mail.authentication.results import DkimResult, DmarcResult, Result, SenderResults, SpfResult

_FOLD: Final = ";\r\n\t"
_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]+")
_UNPRINTABLE: Final = re.compile(r"[^ -~]")
_NOT_IN_COMMENT: Final = re.compile(r"[^A-Za-z0-9 .,:;/=+@_'-]")
_LONGEST_VALUE: Final = 255
_SPF_WORDS: Final = {
    Result.PASS: "designates {ip} as permitted sender",
    Result.FAIL: "does not designate {ip} as permitted sender",
    Result.SOFTFAIL: "does not designate {ip} as permitted sender, softly",
    Result.NEUTRAL: "says neither yes nor no to {ip}",
    Result.NONE: "does not designate permitted senders",
    Result.TEMPERROR: "could not be asked about {ip}",
    Result.PERMERROR: "has a record that can't be used",
}


def authentication_results(authserv_id: str, found: SenderResults) -> bytes:
    """An Authentication-Results field in the name of `authserv_id`."""
    methods = _FOLD.join(_methods(found))
    return f"Authentication-Results: {authserv_id}{_FOLD}{methods}\r\n".encode("ascii")


def received_spf(hostname: str, found: SenderResults, sender: Address | None, helo: str) -> bytes:
    """A Received-SPF field for the identity that counts: the envelope sender, or without one the name."""
    spf, ip = found.spf, found.iprev.ip
    words = _SPF_WORDS.get(spf.result, "").format(ip=ip)
    comment = _comment(f"{hostname}: domain of {spf.domain} {words}")
    pairs = {
        "client-ip": ip,
        "envelope-from": str(sender or ""),
        "helo": helo,
        "identity": spf.identity,
        "receiver": hostname,
        "mechanism": spf.mechanism,
        "problem": spf.problem,
    }
    told = _FOLD.join(
        f"{key}={_value(text)}" for key, text in pairs.items() if text or key == "envelope-from"
    )
    return f"Received-SPF: {spf.result}\r\n\t({comment})\r\n\t{told}\r\n".encode("ascii")


def _methods(found: SenderResults) -> Iterator[str]:
    name = f" ({_comment(found.iprev.name)})" if found.iprev.name else ""
    yield f"iprev={found.iprev.result} policy.iprev={_value(found.iprev.ip)}{name}"
    if found.spf_helo is not None and found.spf.identity != "helo":
        yield _spf(found.spf_helo, "smtp.helo")
    yield _spf(found.spf, f"smtp.{found.spf.identity}")
    if not found.dkim:
        yield "dkim=none"
    yield from map(_dkim, found.dkim)
    yield _dmarc(found.dmarc)


def _spf(result: SpfResult, name: str) -> str:
    return f"spf={result.result}" + (f" {name}={_value(result.domain)}" if result.domain else "")


def _dkim(result: DkimResult) -> str:
    reason = f" reason={_quoted(result.reason)}" if result.reason else ""
    pairs = {"d": result.domain, "s": result.selector, "a": result.algorithm, "b": result.signature}
    told = "".join(f" header.{key}={_value(text)}" for key, text in pairs.items() if text)
    return f"dkim={result.result}{reason}{told}"


def _dmarc(result: DmarcResult) -> str:
    policy = f" (p={result.policy})" if result.policy is not None else ""
    return f"dmarc={result.result}{policy} header.from={_value(result.domain)}"


def _value(text: str) -> str:
    """As a token where it is one, else in quotes (RFC 8601 section 2.2)."""
    return text if len(text) <= _LONGEST_VALUE and _TOKEN.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    clean = _UNPRINTABLE.sub("?", text[:_LONGEST_VALUE])
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _comment(text: str) -> str:
    return _NOT_IN_COMMENT.sub("?", text[:_LONGEST_VALUE])
