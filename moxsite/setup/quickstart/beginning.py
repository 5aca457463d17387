"""What quickstart does before settings are read: check that nothing is there, look around, decide. Pure."""

import argparse
import asyncio
import socket
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mail.addresses.address import Address
from mail.addresses.domain import AddressError, normalise_domain
from mail.addresses.parse import parse_address
from mail.tls.context import server_context
from mail.tls.errors import CertificateError
from moxsite.env import Environment
from moxsite.setup.quickstart.cannot_begin import CannotBegin
from moxsite.setup.quickstart.environment import settings_file
from moxsite.setup.quickstart.looking import Place, View, look_around
from moxsite.setup.quickstart.options import Options, add_options, read_options

KEPT = "quickstart.txt"
UNIT = "moxsite.service"
_KEPT_SETTINGS = (
    "MOXSITE_IPS",
    "MOXSITE_PORT_OFFSET",
    "MOXSITE_PUBLIC_IPS",
    "MOXSITE_REPORT_ADDRESS",
    "MOXSITE_TLS_CA_FILE",
    "MOXSITE_ACME_DIRECTORY",
    "MOXSITE_ACME_CONTACT",
    "DATABASE_URL",
)
_SMTP_SERVICES = ("smtp", "submissions", "submission")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What was asked for, decided and seen. `settings` are the variables for `settings_file`."""

    options: Options
    address: Address
    view: View
    folder: Path
    data: Path
    settings: dict[str, str]
    settings_file: Path


begun: list[Beginning] = []
"""The one that `begin` made; the command goes on with it when the settings are read."""


def begin(arguments: Sequence[str], environment: MutableMapping[str, str]) -> None:
    """Look around, and let the settings be read as they will be written. Raises CannotBegin.

    With a request for help, or options that argparse refuses, nothing is done: the command does the same.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_options(parser)
    if "-h" in arguments or "--help" in arguments or not arguments:
        return
    try:
        options = read_options(parser.parse_known_args(list(arguments))[0])
        address = parse_address(options.address)
    except argparse.ArgumentError:
        return
    except AddressError as error:
        raise CannotBegin(f"{options.address} can't be your address: {error}.") from None
    except ValueError as error:
        raise CannotBegin(str(error)) from None
    data = Path(environment.get("MOXSITE_DATA") or "data").expanduser().absolute()
    file = settings_file(environment)
    refuse_overwriting(data, file)
    _check_certificate(options)
    hostname = _hostname(options, address)
    view = asyncio.run(look_around(_place(hostname, options, environment)))
    settings = decide(options, view, data, environment)
    environment.update(settings)
    begun.append(Beginning(options, address, view, Path.cwd(), data, settings, file))


def refuse_overwriting(data: Path, file: Path) -> None:
    """Raises CannotBegin when there is an installation already, in this folder or the data directory."""
    files = (file, data / "moxsite.sqlite3", data / "secrets" / "key")
    there = [path for path in files if path.exists()]
    if there:
        raise CannotBegin(
            f"There is an installation already: {', '.join(map(str, there))}. Quickstart changes nothing of "
            "it. To begin anew, move it away first, or use another folder."
        )


def decide(options: Options, view: View, data: Path, environment: MutableMapping[str, str]) -> dict[str, str]:
    """The variables of the new installation. What the environment says already is kept."""
    settings = {"MOXSITE_DATA": str(data), "MOXSITE_HOSTNAME": view.hostname}
    if view.public_ips and view.nat:
        settings["MOXSITE_PUBLIC_IPS"] = ",".join(view.public_ips)
    if view.trusted_resolver is not None:
        host, port = view.trusted_resolver
        settings["MOXSITE_RESOLVER"] = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    if options.existing_webserver:
        settings["MOXSITE_LOOPBACK_HTTP_PORT"] = str(options.http_port)
        settings["MOXSITE_TRUSTED_PROXIES"] = "127.0.0.1/32,::1/128"
    if options.certificate is not None:
        settings["MOXSITE_TLS_CERT_FILE"] = str(options.certificate)
        settings["MOXSITE_TLS_KEY_FILE"] = str(options.key)
    given = {name: environment[name] for name in _KEPT_SETTINGS if environment.get(name)}
    return {**settings, **given}


def _place(hostname: str, options: Options, environment: MutableMapping[str, str]) -> Place:
    read = Environment(environment)
    return Place(
        hostname=hostname,
        resolver=read.server("MOXSITE_RESOLVER", 53, meaning=""),
        told_ips=read.addresses("MOXSITE_PUBLIC_IPS", meaning=""),
        listen_ips=read.addresses("MOXSITE_IPS", meaning=""),
        services=_SMTP_SERVICES if options.existing_webserver else (*_SMTP_SERVICES, "http", "https"),
        port_offset=read.integer("MOXSITE_PORT_OFFSET", 0, low=0, high=60000, meaning=""),
        smtp_port=read.integer("MOXSITE_REMOTE_SMTP_PORT", 25, low=1, high=65535, meaning=""),
    )


def _hostname(options: Options, address: Address) -> str:
    """As asked for, else what the machine is called, else mail. before the domain."""
    try:
        if options.hostname:
            return normalise_domain(options.hostname)
        found = normalise_domain(socket.getfqdn())
    except AddressError as error:
        if options.hostname:
            raise CannotBegin(f"{options.hostname} can't be a host name: {error}.") from None
        found = ""
    if "." in found and not found.endswith((".localdomain", ".local", ".internal", ".lan", ".arpa")):
        return found
    return f"mail.{address.domain}"


def _check_certificate(options: Options) -> None:
    if options.certificate is None or options.key is None:
        return
    try:
        server_context(options.certificate.read_bytes(), options.key.read_bytes())
    except (OSError, CertificateError) as error:
        raise CannotBegin(f"The certificate and key can't be used: {error}.") from None
