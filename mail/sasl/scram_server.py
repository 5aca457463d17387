"""The server side of SCRAM (RFC 5802, RFC 7677), up to the claim that the stored keys are checked against."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from mail.errors import MailError
from mail.sasl import scram_keys
from mail.sasl.binding import ChannelBinding
from mail.sasl.exchange import SaltQuestion, Tampered, malformed
from mail.sasl.scram_messages import (
    bound_input,
    from_base64,
    hash_of,
    is_plus,
    read_attributes,
    read_nonce,
    to_base64,
    unescape_name,
)

_NONCE_LENGTH: Final = 18  # octets; a multiple of three has no padding in base64

_STRIPPED: Final = (
    "your program was told that this server can't bind a login to TLS, but it can: something between them "
    "has changed what was said"
)
_OTHER_CONNECTION: Final = "the login was made for another TLS connection: something stands between"


@dataclass(frozen=True, slots=True)
class ScramClaim:
    """The outcome of an exchange: who the client says it is, and its proof.

    `hash_name` is a key of mail.sasl.scram_keys.HASHES; `salt` and `iterations` are what the client was told.
    """

    username: str
    hash_name: str
    salt: bytes
    iterations: int
    auth_message: bytes = field(repr=False)
    proof: bytes = field(repr=False)

    def matches(self, stored_key: bytes) -> bool:
        """Whether the client has the password of this StoredKey; microseconds."""
        mask = scram_keys.signature(self.hash_name, stored_key, self.auth_message)
        if len(mask) != len(self.proof):
            return False
        key = scram_keys.exclusive_or(self.proof, mask)
        return hmac.compare_digest(scram_keys.stored_key(self.hash_name, key), stored_key)

    def answer(self, server_key: bytes) -> bytes:
        """The message that proves to the client that the server has its verifier."""
        signature = scram_keys.signature(self.hash_name, server_key, self.auth_message)
        return f"v={to_base64(signature)}".encode()


class ScramServer:
    """One exchange.

    `binding` is that of the connection, None where it has none. Where there is one, -PLUS was announced.
    """

    def __init__(self, name: str, binding: ChannelBinding | None, *, nonce: str = "") -> None:
        self.name = name
        self._offered = binding
        self._bound = binding if is_plus(name) else None
        self._own_nonce = nonce or to_base64(secrets.token_bytes(_NONCE_LENGTH))
        self._next: Callable[[str], SaltQuestion | ScramClaim] = self._begin
        self._username = self._gs2_header = self._bare = self._nonce = self._challenge = ""
        self._salt, self._iterations = b"", 0

    def step(self, response: bytes | None) -> bytes | SaltQuestion | ScramClaim:
        """An empty challenge when there was no initial response, the question for the salt, the claim.

        Raises MailError.
        """
        if response is None:
            return b""
        try:
            return self._next(response.decode())
        except ValueError as error:
            raise malformed(f"{self.name}: {error}") from None

    def _begin(self, message: str) -> SaltQuestion:
        flag, authorization, self._bare = _split_first(message)
        self._check_flag(flag)
        self._gs2_header = f"{flag},{authorization},"
        (first, name), (second, nonce), *_ = [*read_attributes(self._bare), ("", "")]
        if (first, second) != ("n", "r"):
            raise ValueError("the first message has no user name and nonce, or demands an extension")
        self._username, self._nonce = unescape_name(name), read_nonce(nonce) + self._own_nonce
        if authorization and unescape_name(authorization.removeprefix("a=")) != self._username:
            raise MailError(535, "5.7.8", "acting for another user is not possible", cause="foreign authzid")
        return SaltQuestion(self._username, hash_of(self.name), self._challenge_with)

    def _check_flag(self, flag: str) -> None:
        """What the client thinks of channel binding must fit the mechanism and the connection."""
        if is_plus(self.name):
            if not flag.startswith("p="):
                raise ValueError(f"channel binding flag {flag[:1]!r} with -PLUS")
            if self._bound is None or flag != f"p={self._bound.kind}":
                kind = self._bound.kind if self._bound else "none"
                text = f"the channel binding of this connection is {kind}"
                raise MailError(535, "5.7.8", text, cause=f"the client wants {flag[:40]}")
        elif flag == "y" and self._offered is not None:
            raise Tampered(535, "5.7.8", _STRIPPED, cause="channel binding flag y: -PLUS was announced")
        elif flag not in ("n", "y"):
            raise ValueError(f"channel binding flag {flag[:1]!r} without -PLUS")

    def _challenge_with(self, salt: bytes, iterations: int) -> bytes:
        self._salt, self._iterations = salt, iterations
        self._challenge = f"r={self._nonce},s={to_base64(salt)},i={iterations}"
        self._next = self._finish
        return self._challenge.encode()

    def _finish(self, message: str) -> ScramClaim:
        answer, separator, proof = message.rpartition(",p=")
        attributes = read_attributes(answer)
        if not separator or [letter for letter, _ in attributes[:2]] != ["c", "r"]:
            raise ValueError("the last message has no channel binding, nonce and proof")
        if attributes[1][1] != self._nonce:
            raise ValueError("the nonce is not the one of this exchange")
        expected = bound_input(self._gs2_header, self._bound)
        if not hmac.compare_digest(from_base64(attributes[0][1]), expected):
            raise Tampered(535, "5.7.8", _OTHER_CONNECTION, cause="channel bindings differ")
        return ScramClaim(
            username=self._username,
            hash_name=hash_of(self.name),
            salt=self._salt,
            iterations=self._iterations,
            auth_message=f"{self._bare},{self._challenge},{answer}".encode(),
            proof=from_base64(proof),
        )


def _split_first(message: str) -> tuple[str, str, str]:
    """Channel binding flag, authorization identity with its "a=", and the rest. Raises ValueError."""
    flag, first, rest = message.partition(",")
    authorization, second, bare = rest.partition(",")
    if not (first and second) or not (authorization == "" or authorization.startswith("a=")):
        raise ValueError("the first message has no header")
    return flag, authorization, bare
