"""The process of UpgradingDaphne: arguments are the file of its forwarding, certificate and key."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "moxsite.settings")

from channels.routing import ProtocolTypeRouter

from moxsite.logs.levels import use_flag
from moxsite.logs.output import start_logging
from tests.world.forwarding import PROXIES, Forwarding, backend_trust, forward_settings, forwarded_request
from webserver.daphne.request import UpgradableRequest
from webserver.daphne.server import UpgradingServer
from webserver.routing.values import Handler
from webserver.websocket.consumer import UpgradeConsumer
from webserver.websocket.upgrade import SCOPE_TYPE, Upgrade

_ONE_HOP = (b"connection", b"upgrade", b"keep-alive")


class _Server(UpgradingServer):
    def listen_success(self, port: Any) -> None:
        print("ssl" if "TLS" in type(port.factory).__name__ else "tcp", port.getHost().port, flush=True)


def main(file: Path, certificate: str, key: str) -> None:
    """Serve until killed."""
    start_logging("logfmt")
    use_flag(None, until_configured=False)
    _Server(
        ProtocolTypeRouter({SCOPE_TYPE: UpgradeConsumer.as_asgi(), "http": _plain}),
        choosing=lambda request: _choose(Forwarding(**json.loads(file.read_text())), request),
        endpoints=[
            "tcp:0:interface=127.0.0.1",
            f"ssl:0:privateKey={key}:certKey={certificate}:interface=127.0.0.1",
        ],
        action_logger=lambda _protocol, action, fields: print(action, fields, file=sys.stderr, flush=True),
    ).run()


async def _plain(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"plain " + scope["method"].encode()})


def _choose(forwarding: Forwarding, request: UpgradableRequest) -> Upgrade:
    for name in PROXIES:
        os.environ.pop(name, None)
    os.environ.update(dict(forwarding.environment))
    path, _, query = request.uri.decode("ascii").partition("?")
    headers = request.all_headers
    settings = forward_settings(forwarding)
    return Upgrade(
        handler=Handler(1, "sockets", "ws.example", re.compile("^/"), settings),
        settings=settings,
        backends=settings.backends,
        method=request.method.decode("ascii"),
        path=path,
        query=query,
        request_headers=headers,
        headers=[(name, value) for name, value in headers if name.lower() not in _ONE_HOP],
        request=forwarded_request(),
        client="127.0.0.1",
        url=request.uri.decode("ascii"),
        tls=lambda: backend_trust(forwarding),
        tried=lambda _backend, _problem: None,
        connection=request,
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
