"""sendmail's own small configuration, a TOML file; nothing else of moxsite is needed to send."""

import os
import socket
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from delivery.smtp.client.tls import TlsMode, TlsPolicy
from mail.addresses.address import Address
from mail.addresses.domain import AddressError, normalise_domain
from mail.addresses.parse import parse_address
from mail.sasl.choice import KNOWN_MECHANISMS
from mail.tls.names import is_ip_address

TRUSTED_FILE_VARIABLE: Final = "MOXSITE_TLS_CA_FILE"
"""The environment variable that stands in for `ca_file`."""

_MODES: Final = {"immediate": TlsMode.IMMEDIATE, "starttls": TlsMode.REQUIRED, "none": TlsMode.NONE}
_PORTS: Final = {"immediate": 465, "starttls": 587, "none": 25}
_LONGEST_TEXT: Final = 1024


T = TypeVar("T")


class WrongConfiguration(Exception):
    """The configuration can't be used. The text names the file and the key, and never shows a value."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """The mail server, how to reach it and who we are there.

    `hostname` is our name in EHLO and where no domain is given. Without `sender` it is the user at that
    name; `default_destination` gets the mail for local users.
    """

    hostname: str
    host: str
    port: int
    tls: TlsPolicy
    username: str = ""
    password: str = field(default="", repr=False)
    auth_method: str = ""
    sender: Address | None = None
    default_destination: Address | None = None
    ca_file: str = ""
    require_tls: str = ""
    """Whether all of the way needs TLS (RFC 8689): yes, no (it need not even be tried), empty: as usual."""


def load_configuration(path: Path) -> Configuration:
    """Read the file. Raises WrongConfiguration."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise WrongConfiguration(f"{path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise WrongConfiguration(f"{path} is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise WrongConfiguration(f"{path} is not TOML: {error}") from None
    return _Reader(path, table).configuration()


class _Reader:
    """Takes the keys out of the table; what is left over is unknown."""

    def __init__(self, path: Path, table: Mapping[str, object]) -> None:
        self._path = path
        self._left = dict(table)

    def configuration(self) -> Configuration:
        mode = self._text("tls") or "starttls"
        if mode not in _MODES:
            raise self._wrong("tls", f"must be one of {', '.join(_MODES)}")
        skip_verify = self._left.pop("tls_skip_verify", False)
        if not isinstance(skip_verify, bool):
            raise self._wrong("tls_skip_verify", "must be true or false")
        username, password = self._text("username"), self._password()
        if bool(username) != bool(password):
            raise self._wrong("username", "and password (or password_file) belong together")
        result = Configuration(
            hostname=self._name("hostname") or _own_name(),
            host=self._host(),
            port=self._port(_PORTS[mode]),
            tls=TlsPolicy(_MODES[mode], verify=mode != "none" and not skip_verify),
            username=username,
            password=password,
            auth_method=self._mechanism(),
            sender=self._address("from"),
            default_destination=self._address("default_destination"),
            ca_file=self._text("ca_file") or os.environ.get(TRUSTED_FILE_VARIABLE, ""),
            require_tls=self._require_tls(),
        )
        if result.require_tls == "yes" and not result.tls.verify:
            raise self._wrong("require_tls", "needs TLS with a certificate that is verified")
        if self._left:
            raise self._wrong(next(iter(self._left)), "is no known key")
        return result

    def _text(self, key: str) -> str:
        value = self._left.pop(key, "")
        if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "\0" in value:
            raise self._wrong(key, f"must be a text of at most {_LONGEST_TEXT} characters")
        return value if key == "password" else value.strip()

    def _port(self, default: int) -> int:
        value = self._left.pop("port", default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:
            raise self._wrong("port", "must be a number from 1 to 65535")
        return value

    def _host(self) -> str:
        value = self._text("host").removeprefix("[").removesuffix("]")
        if not value:
            raise self._wrong("host", "is needed: the name or address of the mail server")
        return value if is_ip_address(value) else self._parsed("host", normalise_domain, value)

    def _name(self, key: str) -> str:
        value = self._text(key)
        return self._parsed(key, normalise_domain, value) if value else ""

    def _address(self, key: str) -> Address | None:
        value = self._text(key)
        return self._parsed(key, parse_address, value) if value else None

    def _parsed(self, key: str, parse: Callable[[str], T], value: str) -> T:
        try:
            return parse(value)
        except AddressError as error:
            raise self._wrong(key, f"can't be used: {error}") from None

    def _require_tls(self) -> str:
        value = self._text("require_tls")
        if value not in ("", "yes", "no"):
            raise self._wrong("require_tls", "must be empty, yes or no")
        return value

    def _mechanism(self) -> str:
        value = self._text("auth_method").upper()
        if value and value not in KNOWN_MECHANISMS:
            raise self._wrong("auth_method", f"must be empty or one of {', '.join(KNOWN_MECHANISMS)}")
        return value

    def _password(self) -> str:
        password, file = self._text("password"), self._text("password_file")
        if not file:
            return password
        if password:
            raise self._wrong("password_file", "and password can't both be given")
        try:
            return self._path.parent.joinpath(file).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
            raise self._wrong("password_file", f"can't be read: {reason}") from None

    def _wrong(self, key: str, text: str) -> WrongConfiguration:
        return WrongConfiguration(f"{self._path}: {key} {text}")


def _own_name() -> str:
    """The machine's name as far as it can stand in EHLO and in addresses."""
    try:
        return normalise_domain(socket.gethostname())
    except AddressError:
        return "localhost"
