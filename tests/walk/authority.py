"""A certificate authority on a machine: pebble, which looks at port 80 as others do."""

import json
import os
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.walk.machine import Machine
from tests.world.authority import Authority
from tests.world.waiting import wait_until

_PORT: Final = 14000
_ROOT_PORT: Final = 15000


@contextmanager
def certificate_authority(machine: Machine, ip: str, nameserver: str) -> Iterator[tuple[str, Path]]:
    """Its directory, and the certificates to trust in: that of the directory, and what it signs with."""
    trust = Authority(machine.folder)
    certificate, key = trust.files(ip)
    described = {
        "listenAddress": f"{ip}:{_PORT}",
        "managementListenAddress": f"{ip}:{_ROOT_PORT}",
        "certificate": str(certificate),
        "privateKey": str(key),
        "httpPort": 80,
        "tlsPort": 443,
    }
    config = machine.folder / "pebble.json"
    config.write_text(json.dumps({"pebble": described}))
    command = machine.command("pebble", "-config", str(config), "-dnsserver", f"{nameserver}:53")
    with (machine.folder / "pebble.log").open("wb") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "PEBBLE_VA_NOSLEEP": "1"}, stdout=log, stderr=log
        )
    try:
        context = ssl.create_default_context(cafile=str(trust.ca_file))
        root = ""

        def answers() -> bool:
            nonlocal root
            root = _root(machine, f"https://{ip}:{_ROOT_PORT}/roots/0", context)
            return bool(root)

        wait_until(answers, "pebble answers", 30)
        trusted = machine.folder / "trusted.pem"
        trusted.write_text(trust.ca_file.read_text() + root)
        yield f"https://{ip}:{_PORT}/dir", trusted
    finally:
        process.terminate()
        process.wait()


def _root(machine: Machine, url: str, context: ssl.SSLContext) -> str:
    try:
        with machine.network(), urllib.request.urlopen(url, timeout=10, context=context) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""
