"""The client side of SCRAM (RFC 5802, RFC 7677): the password is proved without being shown."""

import hmac
import secrets
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from mail.sasl import scram_keys
from mail.sasl.binding import ChannelBinding
from mail.sasl.mechanism import SaslError
from mail.sasl.preparation import prepare_or_raw
from mail.sasl.scram_messages import (
    bound_input,
    escape_name,
    from_base64,
    hash_of,
    is_plus,
    read_attributes,
    read_nonce,
    read_number,
    to_base64,
)

SHORTEST_SERVER_NONCE: Final = 8
"""Characters that the server adds to our nonce at least; fewer could be guessed or repeated."""

SHORTEST_SALT: Final = 8
"""Octets."""

FEWEST_ITERATIONS: Final = 2048
"""Fewer make our proof easy material for guessing the password."""

MOST_ITERATIONS: Final = 1_000_000
"""More keep a processor busy for longer than a third of a second: a server could stop us with it."""

_NONCE_LENGTH: Final = 18  # octets; a multiple of three has no padding in base64
_REMEMBERED_KEYS: Final = 64


class ScramClient:
    """One exchange. `step` may take a third of a second of processor time: not for an event loop.

    `binding` is needed for -PLUS and ignored otherwise. `binding_missed` tells the server that we could have
    bound the login to the connection and were not offered it: a server that did offer it then knows that
    somebody in between took it away, and refuses (RFC 5802 section 6).
    """

    def __init__(
        self,
        name: str,
        username: str,
        password: str,
        *,
        binding: ChannelBinding | None = None,
        binding_missed: bool = False,
        nonce: str = "",
    ) -> None:
        self.name = name
        self.finished = False
        self._hash = hash_of(name)
        self._password = prepare_or_raw(password)
        self._binding = binding if is_plus(name) else None
        self._gs2_header = self._header(binding_missed)
        self._nonce = nonce or to_base64(secrets.token_bytes(_NONCE_LENGTH))
        self._bare = f"n={escape_name(_usable(username))},r={self._nonce}"
        self._server_signature = b""
        self._next: Callable[[str], bytes] = self._prove

    def initial(self) -> bytes:
        """User name and nonce."""
        return (self._gs2_header + self._bare).encode()

    def step(self, challenge: bytes) -> bytes:
        """The proof, then, once the server has proved itself, nothing. Raises SaslError."""
        try:
            return self._next(challenge.decode())
        except ValueError as error:
            raise SaslError(f"the server's {self.name} message makes no sense: {error}") from None

    def _header(self, binding_missed: bool) -> str:
        if not is_plus(self.name):
            return "y,," if binding_missed else "n,,"
        if self._binding is None:
            raise SaslError(f"{self.name} needs TLS to bind to")
        return f"p={self._binding.kind},,"

    def _prove(self, challenge: str) -> bytes:
        nonce, salt, iterations = self._read_challenge(challenge)
        key, server_key = _keys(self._hash, self._password, salt, iterations)
        bound = to_base64(bound_input(self._gs2_header, self._binding))
        answer = f"c={bound},r={nonce}"
        auth_message = f"{self._bare},{challenge},{answer}".encode()
        stored_key = scram_keys.stored_key(self._hash, key)
        mask = scram_keys.signature(self._hash, stored_key, auth_message)
        self._server_signature = scram_keys.signature(self._hash, server_key, auth_message)
        self._next = self._verify
        return f"{answer},p={to_base64(scram_keys.exclusive_or(key, mask))}".encode()

    def _read_challenge(self, challenge: str) -> tuple[str, bytes, int]:
        """Nonce, salt and iterations. Raises SaslError for what is not safe to answer."""
        attributes = read_attributes(challenge)
        _refuse_error(attributes)
        if [letter for letter, _ in attributes[:3]] != ["r", "s", "i"]:
            raise SaslError(f"the server demands an extension of {self.name} that is unknown here")
        nonce, salt = read_nonce(attributes[0][1]), from_base64(attributes[1][1])
        iterations = read_number(attributes[2][1])
        if not nonce.startswith(self._nonce):
            raise SaslError("the server's nonce does not begin with ours")
        if len(nonce) < len(self._nonce) + SHORTEST_SERVER_NONCE:
            raise SaslError(f"the server's nonce has fewer than {SHORTEST_SERVER_NONCE} characters")
        if len(salt) < SHORTEST_SALT:
            raise SaslError(f"the server's salt has fewer than {SHORTEST_SALT} octets")
        if not FEWEST_ITERATIONS <= iterations <= MOST_ITERATIONS:
            limits = f"between {FEWEST_ITERATIONS} and {MOST_ITERATIONS} are allowed"
            raise SaslError(f"the server asks for {iterations} iterations: {limits}")
        return nonce, salt, iterations

    def _verify(self, challenge: str) -> bytes:
        attributes = read_attributes(challenge)
        _refuse_error(attributes)
        letter, value = attributes[0]
        if letter != "v" or not hmac.compare_digest(from_base64(value), self._server_signature):
            raise SaslError("the server could not prove that it knows the password")
        self.finished = True
        self._next = self._refuse
        return b""

    def _refuse(self, challenge: str) -> bytes:
        raise SaslError(f"the server sent a challenge after {self.name} was finished")


@lru_cache(maxsize=_REMEMBERED_KEYS)
def _keys(hash_name: str, password: bytes, salt: bytes, iterations: int) -> tuple[bytes, bytes]:
    """ClientKey and ServerKey; those of relays that are used often are remembered (RFC 5802 section 3)."""
    salted = scram_keys.salted_password(hash_name, password, salt, iterations)
    return scram_keys.client_key(hash_name, salted), scram_keys.server_key(hash_name, salted)


def _refuse_error(attributes: list[tuple[str, str]]) -> None:
    """Raises SaslError for the server's word that the exchange has failed (attribute "e")."""
    letter, value = attributes[0]
    if letter == "e":
        raise SaslError(f"the server refuses the login: {ascii(value[:80])[1:-1]}")


def _usable(username: str) -> str:
    name = unicodedata.normalize("NFC", username)
    if not name or "\0" in name or any("\ud800" <= letter <= "\udfff" for letter in name):
        raise SaslError("this user name can't be sent by SCRAM")
    return name
