"""The options of quickstart. Pure."""

import argparse
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. `certificate` and `key` are only for --existing-webserver."""

    address: str
    hostname: str = ""
    existing_webserver: bool = False
    certificate: Path | None = None
    key: Path | None = None
    http_port: int = 8080


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options as argparse has them."""
    parser.add_argument("address", metavar="you@example.org", help="the first address; its domain is yours")
    parser.add_argument(
        "--hostname", default="", help="name of this machine in DNS, such as mail.example.org; else looked up"
    )
    parser.add_argument(
        "--existing-webserver",
        action="store_true",
        help="another web server has the ports 80 and 443: http on loopback only, for it to forward to",
    )
    parser.add_argument(
        "--cert", metavar="FILE", default="", help="with it: certificate and chain for SMTP (PEM)"
    )
    parser.add_argument("--key", metavar="FILE", default="", help="with it: the private key (PEM)")
    parser.add_argument(
        "--http-port", metavar="PORT", type=int, default=8080, help="with it: the port on loopback (8080)"
    )


def read_options(parsed: argparse.Namespace) -> Options:
    """The options, after what belongs together was checked. Raises ValueError with a sentence."""
    if (parsed.cert or parsed.key) and not parsed.existing_webserver:
        raise ValueError(
            "--cert and --key are for --existing-webserver; without it a certificate is got later."
        )
    if bool(parsed.cert) != bool(parsed.key):
        raise ValueError("Give both --cert and --key.")
    if not 1 <= parsed.http_port <= 65535:
        raise ValueError("--http-port must be from 1 to 65535.")
    certificate = Path(parsed.cert).absolute() if parsed.cert else None
    key = Path(parsed.key).absolute() if parsed.key else None
    return Options(
        parsed.address, parsed.hostname, parsed.existing_webserver, certificate, key, parsed.http_port
    )
