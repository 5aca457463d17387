"""The SCRAM server with clients that are wrong, or whose words were changed on the way."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.errors import MailError
from mail.sasl.binding import ChannelBinding
from mail.sasl.exchange import SaltQuestion
from mail.sasl.scram_client import ScramClient
from mail.sasl.scram_server import ScramServer
from mail.sasl.verifier import make_verifier
from tests.sasl.exchanging import run_exchange

BINDING = ChannelBinding("tls-exporter", b"the server's side")
PLAIN_NAME, PLUS_NAME = "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS"
VERIFIER = make_verifier("password", "SHA-256", b"0123456789abcdef", 4096)


def refusal_of(name: str, binding: ChannelBinding | None, message: str) -> str:
    with pytest.raises(MailError) as raised:
        ScramServer(name, binding).step(message.encode())
    return str(raised.value.public)


@pytest.mark.parametrize(
    "message",
    [
        "",
        "n",
        "n,,",
        "n,,n=alice",
        "n,,r=abc,n=alice",
        "n,,m=ext,n=alice,r=abc",
        "n,,n=,r=abc",
        "n,,n=a=b,r=abc",
        "n,,n=a=2c,r=abc",
        "n,,n=alice,r=",
        "n,,n=alice,r=a b",
        "n,,n=alice,r=é",
        "n,alice,n=alice,r=abc",
        "x,,n=alice,r=abc",
        "p=tls-exporter,,n=alice,r=abc",
    ],
)
def test_a_malformed_first_message_is_refused(message: str) -> None:
    expected = "501 5.5.2 authentication response not understood"
    assert refusal_of(PLAIN_NAME, BINDING, message) == expected


@pytest.mark.parametrize("flag", ["n", "y"])
def test_plus_without_binding_in_the_message_is_refused(flag: str) -> None:
    assert refusal_of(PLUS_NAME, BINDING, f"{flag},,n=alice,r=abc").startswith("501 5.5.2")


@pytest.mark.parametrize("kind", ["tls-unique", "tls-server-end-point", "nonsense"])
def test_another_kind_of_binding_is_refused_by_the_name_of_the_right_one(kind: str) -> None:
    said = refusal_of(PLUS_NAME, BINDING, f"p={kind},,n=alice,r=abc")
    assert said == "535 5.7.8 the channel binding of this connection is tls-exporter"


def test_a_client_that_was_not_told_of_plus_is_warned() -> None:
    assert "something between them" in refusal_of(PLAIN_NAME, BINDING, "y,,n=alice,r=abc")


def test_a_client_that_could_bind_is_welcome_where_the_server_can_t() -> None:
    assert isinstance(ScramServer(PLAIN_NAME, None).step(b"y,,n=alice,r=abc"), SaltQuestion)


def test_a_client_that_does_not_bind_is_welcome_where_the_server_can() -> None:
    assert isinstance(ScramServer(PLAIN_NAME, BINDING).step(b"n,,n=alice,r=abc"), SaltQuestion)


def test_acting_for_oneself_is_allowed_and_for_another_is_not() -> None:
    server = ScramServer(PLAIN_NAME, None)
    assert isinstance(server.step(b"n,a=a=2Cb,n=a=2Cb,r=abc"), SaltQuestion)
    assert refusal_of(PLAIN_NAME, None, "n,a=bob,n=alice,r=abc").startswith("535 5.7.8 acting for")


def test_a_login_that_was_made_for_another_connection_is_refused() -> None:
    other = ChannelBinding("tls-exporter", b"what mallory has with the client")
    client = ScramClient(PLUS_NAME, "alice", "password", binding=other)
    with pytest.raises(MailError, match="another TLS connection"):
        run_exchange(client, ScramServer(PLUS_NAME, BINDING), VERIFIER)


def test_a_header_that_was_changed_on_the_way_is_noticed() -> None:
    client = ScramClient(PLAIN_NAME, "alice", "password", binding_missed=True)
    server = ScramServer(PLAIN_NAME, BINDING)
    question = server.step(client.initial().replace(b"y,,", b"n,,"))
    assert isinstance(question, SaltQuestion)
    with pytest.raises(MailError, match="535"):
        server.step(client.step(question.answer(VERIFIER.salt, VERIFIER.iterations)))


@pytest.mark.parametrize(
    "message",
    [
        "",
        "c=biws",
        "c=biws,r=abcxyz",
        "c=biws,p=AAAA",
        "r=abcxyz,c=biws,p=AAAA",
        "c=biws,r=other,p=AAAA",
        "c=biws,r=abcxyz,p=!",
        "c=!,r=abcxyz,p=AAAA",
        "c=biws,r=abcxyz,p=AAAA,x=1",
    ],
)
def test_a_malformed_last_message_is_refused(message: str) -> None:
    server = ScramServer(PLAIN_NAME, None, nonce="xyz")
    question = server.step(b"n,,n=alice,r=abc")
    assert isinstance(question, SaltQuestion)
    question.answer(VERIFIER.salt, VERIFIER.iterations)
    with pytest.raises(MailError, match=r"501 5\.5\.2"):
        server.step(message.encode())


@given(st.binary())
def test_no_message_breaks_the_server(message: bytes) -> None:
    server = ScramServer(PLAIN_NAME, None)
    with pytest.raises(MailError):
        server.step(message)
    question = server.step(b"n,,n=alice,r=abc")
    assert isinstance(question, SaltQuestion)
    question.answer(VERIFIER.salt, VERIFIER.iterations)
    with pytest.raises(MailError):
        server.step(message)
