"""Two engines that talk to each other in memory."""

from mail.tls.context import ClientContext, ServerContext
from mail.tls.engine import TlsEngine


def exchange(client: TlsEngine, server: TlsEngine) -> tuple[bytes, bytes]:
    """Carry bytes both ways until there are none; what the client and the server got to read."""
    to_client = to_server = b""
    while True:
        outgoing = client.to_network()
        if outgoing:
            to_server += server.receive(outgoing)
        answer = server.to_network()
        if answer:
            to_client += client.receive(answer)
        if not outgoing and not answer:
            return to_client, to_server


def connected(
    client_context: ClientContext, server_context: ServerContext, name: str = "mail.example.org"
) -> tuple[TlsEngine, TlsEngine]:
    """Engines after their handshake."""
    client, server = TlsEngine.client(client_context, name), TlsEngine.server(server_context)
    exchange(client, server)
    return client, server
