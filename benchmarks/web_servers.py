"""moxsite, nginx and Caddy set up alike for a measurement, and the servers behind them.

All answer for the host bench.example: /static/ from a folder, /forward/ from a server behind, /ws/ with the
websocket of one behind, /large/ from a server of large answers.
"""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.world.ports import free_offset
from tests.world.waiting import wait_until

HOST: Final = "bench.example"
FILES: Final = {"1k": 1024, "100k": 100 * 1024}


@dataclass(frozen=True)
class WebServer:
    """One that is measured, on this port; the first of its processes is the parent of the others."""

    name: str
    port: int
    pid: int


@dataclass(frozen=True)
class Behind:
    """What is behind: the ports of a web server, a websocket and large answers, and the folder with files."""

    http_port: int
    websocket_port: int
    large_port: int
    files: Path


@contextmanager
def behind(folder: Path) -> Iterator[Behind]:
    """nginx with small files where it is installed, and our echo server."""
    files = folder / "files"
    files.mkdir()
    for name, size in FILES.items():
        (files / name).write_bytes(b"x" * size)
    with contextlib.ExitStack() as stack:
        websocket_port = stack.enter_context(_telling_its_port("benchmarks.load.websocket", "serve"))
        large_port = stack.enter_context(_telling_its_port("benchmarks.load.large"))
        nothing = Behind(9, websocket_port, large_port, files)
        server = stack.enter_context(nginx(folder / "behind", nothing, workers=1))
        yield Behind(server.port, websocket_port, large_port, files)


@contextmanager
def _telling_its_port(module: str, *arguments: str) -> Iterator[int]:
    with _process([sys.executable, "-m", module, *arguments]) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())


@contextmanager
def nginx(folder: Path, behind: Behind, workers: int = 2) -> Iterator[WebServer]:
    """nginx, with connections to the servers behind that stay open."""
    folder.mkdir()
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _NGINX.format(folder=folder, port=port, workers=workers, host=HOST, behind=behind)
    )
    with _process(["nginx", "-p", str(folder), "-c", str(configuration)]) as process:
        wait_for_port(port)
        yield WebServer("nginx", port, process.pid)


@contextmanager
def caddy(folder: Path, behind: Behind) -> Iterator[WebServer]:
    """Caddy."""
    folder.mkdir()
    port = free_port()
    configuration = folder / "Caddyfile"
    configuration.write_text(_CADDY.format(port=port, host=HOST, behind=behind))
    command = ["caddy", "run", "--config", str(configuration), "--adapter", "caddyfile"]
    with _process(
        command, HOME=str(folder), XDG_DATA_HOME=str(folder), XDG_CONFIG_HOME=str(folder)
    ) as process:
        wait_for_port(port)
        yield WebServer("Caddy", port, process.pid)


@contextmanager
def moxsite(folder: Path, behind: Behind, edges: int) -> Iterator[WebServer]:
    """The web alone on a database of its own, with the access log on as it is by default."""
    folder.mkdir(mode=0o700)
    offset = free_offset((80, 443))
    environment = {
        "MOXSITE_DATA": str(folder / "data"),
        "MOXSITE_SECRET_KEY": "a secret for measurements, long enough to be taken",
        "MOXSITE_HOSTNAME": "mail.bench.example",
        "MOXSITE_IPS": "127.0.0.1",
        "MOXSITE_PORT_OFFSET": str(offset),
        "MOXSITE_EDGE_PROCESSES": str(edges),
    }
    (folder / "data").mkdir(mode=0o700)
    file = folder / "bench.toml"
    file.write_text(_MOXSITE.format(host=HOST, behind=behind))
    with _process([sys.executable, "tests/program/serving_web.py", "serve"], **environment) as process:
        wait_until(lambda: _status(80 + offset, "/healthz", "localhost") == 200, "moxsite starts", 120)
        _run([sys.executable, "manage.py", "config", "apply", "--yes", str(file)], environment)
        wait_until(lambda: _status(80 + offset, "/forward/1k") == 200, "the configuration is used")
        yield WebServer(f"moxsite, {edges} edge process{'es' if edges > 1 else ''}", 80 + offset, process.pid)


@contextmanager
def web_servers(folder: Path) -> Iterator[list[WebServer]]:
    """moxsite with one and two edge processes, and those of nginx and Caddy that are installed."""
    with contextlib.ExitStack() as stack:
        servers = stack.enter_context(behind(folder))
        measured = [
            stack.enter_context(moxsite(folder / f"moxsite-{edges}", servers, edges)) for edges in (1, 2)
        ]
        measured.append(stack.enter_context(nginx(folder / "nginx", servers)))
        if shutil.which("caddy"):
            measured.append(stack.enter_context(caddy(folder / "caddy", servers)))
        yield measured


def what_is_missing() -> str:
    """Why nothing can be measured; empty when it can."""
    missing = [program for program in ("nginx", "wrk") if shutil.which(program) is None]
    return f"not installed: {', '.join(missing)}" if missing else ""


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def wait_for_port(port: int) -> None:
    """Until somebody listens there."""

    def listens() -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
        return False

    wait_until(listens, f"a server on port {port}", 60)


def _status(port: int, path: str, host: str = HOST) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", path, headers={"Host": host})
        return connection.getresponse().status
    except OSError:
        return 0
    finally:
        connection.close()


@contextmanager
def _process(command: list[str], **environment: str) -> Iterator["subprocess.Popen[bytes]"]:
    with (
        open(os.devnull, "wb") as nowhere,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=nowhere,
            env={**os.environ, "PYTHONPATH": os.getcwd(), **environment},
        ) as process,
    ):
        try:
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _run(command: list[str], environment: dict[str, str]) -> None:
    done = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr}")


_NGINX: Final = """\
daemon off; worker_processes {workers}; user root; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 30000; }}
worker_rlimit_nofile 65000;
http {{
  access_log {folder}/access.log;
  keepalive_requests 1000000000; keepalive_timeout 600; sendfile on; tcp_nopush on;
  client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
  uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
  upstream http_behind {{ server 127.0.0.1:{behind.http_port}; keepalive 128; }}
  server {{
    listen 127.0.0.1:{port}; server_name {host};
    location /static/ {{ alias {behind.files}/; }}
    location /forward/ {{
      proxy_pass http://http_behind/static/; proxy_http_version 1.1; proxy_set_header Connection "";
      proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;
    }}
    location /large/ {{
      proxy_pass http://127.0.0.1:{behind.large_port}; proxy_http_version 1.1; proxy_set_header Connection "";
      client_max_body_size 0;
    }}
    location /ws/ {{
      proxy_pass http://127.0.0.1:{behind.websocket_port}; proxy_http_version 1.1;
      proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 1h;
    }}
  }}
}}
"""

_CADDY: Final = """\
{{
  auto_https off
  admin off
}}
http://{host}:{port} {{
  log {{
    output discard
  }}
  handle_path /static/* {{
    root * {behind.files}
    file_server
  }}
  handle_path /forward/* {{
    rewrite * /static{{uri}}
    reverse_proxy 127.0.0.1:{behind.http_port}
  }}
  reverse_proxy /large/* 127.0.0.1:{behind.large_port}
  reverse_proxy /ws/* 127.0.0.1:{behind.websocket_port}
}}
"""

_MOXSITE: Final = """\
[[web.handlers]]
name = "static"
domain = "{host}"
path = "^/static/"
dont_redirect_plain_http = true
static = {{ root = "{behind.files}", strip_prefix = "/static" }}

[[web.handlers]]
name = "forward"
domain = "{host}"
path = "^/forward/"
dont_redirect_plain_http = true
forward = {{ url = "http://127.0.0.1:{behind.http_port}/static/", strip_path = true }}

[[web.handlers]]
name = "large"
domain = "{host}"
path = "^/large/"
dont_redirect_plain_http = true
forward = {{ url = "http://127.0.0.1:{behind.large_port}" }}

[[web.handlers]]
name = "ws"
domain = "{host}"
path = "^/ws/"
dont_redirect_plain_http = true
forward = {{ url = "http://127.0.0.1:{behind.websocket_port}" }}
"""
