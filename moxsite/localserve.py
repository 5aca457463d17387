"""What makes localserve differ from serve: an environment for trying moxsite out on one machine."""

import argparse
import ipaddress
from collections.abc import MutableMapping, Sequence, Set
from pathlib import Path

from mail.process.listening import PORTS, can_bind

PORT_OFFSET = 1000
HOSTNAME = "localhost"
ACCOUNT = "mox"
ADDRESS = f"{ACCOUNT}@{HOSTNAME}"
ACCOUNT_PASSWORD = "moxmoxmox"
ADMIN = "admin"
ADMIN_PASSWORD = "moxadmin"


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of localserve."""
    parser.add_argument(
        "--data", metavar="DIR", default=None, help="where mail and everything else is kept (./data)"
    )
    parser.add_argument(
        "--deliver",
        choices=("self", "routes"),
        default=None,
        help="self: no mail leaves this machine, what would is delivered to the try-out account (the "
        "default); routes: mail is really sent",
    )


def prepare_environment(arguments: Sequence[str], environment: MutableMapping[str, str]) -> None:
    """Set the variables for the try-out, before the settings are read from them.

    Options come first, then what the environment already says, then localserve's own values.
    """
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    add_options(parser)
    try:
        options = parser.parse_known_args(list(arguments))[0]
    except argparse.ArgumentError:
        return  # the command itself reads the options again and tells what is wrong
    if options.data is not None:
        environment["MOXSITE_DATA"] = options.data
    if options.deliver is not None:
        environment["MOXSITE_DELIVER"] = options.deliver
    for name, value in _defaults().items():
        environment.setdefault(name, value)


def _defaults() -> dict[str, str]:
    loopback = [ipaddress.ip_address("127.0.0.1"), ipaddress.ip_address("::1")]
    return {
        "MOXSITE_DELIVER": "self",
        "MOXSITE_HOSTNAME": HOSTNAME,
        "MOXSITE_IPS": ",".join(str(address) for address in loopback if can_bind(address)),
        "MOXSITE_PORT_OFFSET": str(PORT_OFFSET),
    }


def describe(services: Set[str], port_offset: int, data: Path, deliver: str) -> str:
    """What to know of the running try-out: addresses and passwords."""
    lines = ["", "moxsite is ready.", ""]
    if "http" in services:
        address = f"http://{HOSTNAME}:{PORTS['http'] + port_offset}"
        lines += [
            f"  Mail         {address}/    {ADDRESS}   {ACCOUNT_PASSWORD}",
            f"  Admin        {address}/admin/    {ADMIN}   {ADMIN_PASSWORD}",
        ]
    if "smtp" in services:
        lines += [
            f"  Submission   {HOSTNAME}:{PORTS['submission'] + port_offset} with STARTTLS or "
            f"{HOSTNAME}:{PORTS['submissions'] + port_offset} with TLS, as {ADDRESS}",
            f"  SMTP         {HOSTNAME}:{PORTS['smtp'] + port_offset}",
        ]
    if deliver == "self":
        sending = f"No mail leaves this machine: what would is delivered to {ADDRESS}."
    else:
        sending = "Mail to other servers is really sent."
    return "\n".join([*lines, "", f"  {sending}", f"  Everything is kept in {data}. Ctrl-C stops.", ""])
