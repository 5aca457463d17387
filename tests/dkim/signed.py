"""Signing in tests: keys made once, and a message as a whole."""

from functools import cache

from mail import clock
from mail.dkim.body import BodyHash
from mail.dkim.keys import KeyPair, SigningKey, generate_keys, load_key
from mail.dkim.record import record_name, record_text
from mail.dkim.signing import signature_fields
from mail.mime.headers import HeaderBlock

DOMAIN = "example.org"


@cache
def pair(algorithm: str) -> KeyPair:
    """One for the whole run: an RSA key takes its time."""
    return generate_keys(algorithm)


def key(algorithm: str) -> SigningKey:
    """Its selector is the name of the algorithm."""
    return load_key(DOMAIN, algorithm, pair(algorithm).private_key)


def records(*algorithms: str) -> dict[str, str]:
    """What DNS says about these keys."""
    return {
        record_name(algorithm, DOMAIN): record_text(algorithm, pair(algorithm).public_key)
        for algorithm in algorithms
    }


def sign(header: bytes, body: bytes, *algorithms: str, moment: clock.Moment | None = None) -> bytes:
    """The message with its signatures."""
    body_hash = BodyHash("relaxed")
    body_hash.update(body)
    fields = HeaderBlock.parse(header).fields
    keys = [key(algorithm) for algorithm in algorithms]
    signatures = signature_fields(fields, body_hash.digest(), keys, moment or clock.now())
    return signatures + header + b"\r\n" + body
