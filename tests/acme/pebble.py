"""Pebble, the certificate authority that Let's Encrypt makes for tests, with names and web server of ours."""

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from django.db import connection
from django.test import override_settings

from moxsite.acme.answering import answer_for
from tests.world.authority import Authority
from tests.world.dns import FakeDns
from tests.world.waiting import wait_until

KEY_ID, HMAC_KEY = "kid-1", "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"


def missing() -> str:
    """Why it can't be used here; empty when it can."""
    return "" if shutil.which("pebble") else "pebble is not installed"


@dataclass(slots=True)
class Pebble:
    """A running authority. Names in `dns` that have the address 127.0.0.1 lead to our answers."""

    dns: FakeDns
    folder: Path
    config: Path
    port: int
    asked: list[str]
    process: "subprocess.Popen[bytes]"

    def restart(self) -> None:
        """It forgets everything."""
        self.stop()
        self.process = _start(self.config, self.dns, self.folder, self.port)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def pebble(folder: Path, *, needs_binding: bool = False) -> Iterator[Pebble]:
    """Start it, and let the settings name it."""
    authority = Authority(folder)
    certificate, key = authority.files("localhost")
    with FakeDns() as names, _answering() as (web_port, asked):
        port = _free_port()
        config = folder / "pebble.json"
        described = {
            "listenAddress": f"127.0.0.1:{port}",
            "managementListenAddress": f"127.0.0.1:{_free_port()}",
            "certificate": str(certificate),
            "privateKey": str(key),
            "httpPort": web_port,
            "tlsPort": _free_port(),
            "externalAccountBindingRequired": needs_binding,
            "externalAccountMACKeys": {KEY_ID: HMAC_KEY},
        }
        config.write_text(json.dumps({"pebble": described}))
        process = _start(config, names, folder, port)
        running = Pebble(names, folder, config, port, asked, process)
        try:
            with override_settings(
                MOXSITE_ACME_DIRECTORY=f"https://localhost:{port}/dir",
                MOXSITE_TLS_CA_FILE=str(authority.ca_file),
                MOXSITE_RESOLVER=names.address,
            ):
                yield running
        finally:
            running.stop()


def _start(config: Path, names: FakeDns, folder: Path, port: int) -> "subprocess.Popen[bytes]":
    host, dns_port = names.address
    with (folder / "pebble.log").open("ab") as log:
        process = subprocess.Popen(
            ["pebble", "-config", str(config), "-dnsserver", f"{host}:{dns_port}"],
            env={**os.environ, "PEBBLE_VA_NOSLEEP": "1"},
            stdout=log,
            stderr=log,
        )
    wait_until(lambda: _answers(port), "pebble answers")
    return process


@contextmanager
def _answering() -> Iterator[tuple[int, list[str]]]:
    """A web server with our answers to challenges, and what it was asked."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(f"{self.headers['Host'].partition(':')[0]} {self.path}")
            answer = answer_for(self.path.removeprefix("/.well-known/acme-challenge/"))
            connection.close()
            self.send_response(200 if answer else 404)
            self.end_headers()
            self.wfile.write(answer or b"")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_address[1], asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
