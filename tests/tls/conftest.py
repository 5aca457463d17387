"""An authority and the certificates it gave out, and pairs of engines."""

from collections.abc import Callable
from pathlib import Path

import pytest
import trustme

from mail.tls.context import ClientContext, ServerContext, client_context, server_context


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="session")
def ca_file(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture(scope="session")
def issued(authority: trustme.CA) -> Callable[..., ServerContext]:
    """Server contexts with a certificate for the given names."""

    def issue(*names: str) -> ServerContext:
        leaf = authority.issue_cert(*names)
        chain = b"".join(blob.bytes() for blob in leaf.cert_chain_pems)
        return server_context(chain, leaf.private_key_pem.bytes())

    return issue


@pytest.fixture(scope="session")
def mail_server(issued: Callable[..., ServerContext]) -> ServerContext:
    return issued("mail.example.org", "localhost", "127.0.0.1", "::1")


@pytest.fixture(scope="session")
def strict(ca_file: Path) -> ClientContext:
    return client_context(verify=True, ca_file=ca_file, system_pool=False)


@pytest.fixture(scope="session")
def lenient(ca_file: Path) -> ClientContext:
    return client_context(verify=False, ca_file=ca_file, system_pool=False)
