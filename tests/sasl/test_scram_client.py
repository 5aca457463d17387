"""The SCRAM client with servers that are wrong, weak, hostile, or not who they say."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.sasl.binding import ChannelBinding
from mail.sasl.mechanism import SaslError
from mail.sasl.scram_client import FEWEST_ITERATIONS, MOST_ITERATIONS, ScramClient

SALT = base64.b64encode(b"12345678").decode()
GOOD = f"r=mine87654321,s={SALT},i=4096"


def client() -> ScramClient:
    return ScramClient("SCRAM-SHA-256", "alice", "password", nonce="mine")


@pytest.mark.parametrize(
    ("challenge", "problem"),
    [
        (GOOD.replace("mine", "yours"), "does not begin with ours"),
        (GOOD.replace("mine8", "mine"), "fewer than 8 characters"),
        (GOOD.replace("mine87654321", "mine"), "fewer than 8 characters"),
        (GOOD.replace("mine8", "mine\x00"), "makes no sense"),
        (GOOD.replace(SALT, "MTIzNDU2Nw=="), "fewer than 8 octets"),
        (GOOD.replace(SALT, "***"), "makes no sense"),
        (GOOD.replace("4096", str(FEWEST_ITERATIONS - 1)), "asks for 2047 iterations"),
        (GOOD.replace("4096", str(MOST_ITERATIONS + 1)), "asks for 1000001 iterations"),
        (GOOD.replace("4096", "0"), "makes no sense"),
        (GOOD.replace("4096", "-4096"), "makes no sense"),
        (GOOD.replace("4096", "4096.5"), "makes no sense"),
        (GOOD.replace("4096", "9" * 5000), "makes no sense"),
        (f"m=new,{GOOD}", "extension"),
        (f"s={SALT},r=mine87654321,i=4096", "extension"),
        ("e=other-error", "refuses the login: other-error"),
        ("r=mine87654321", "extension"),
        ("", "makes no sense"),
        ("nonsense", "makes no sense"),
        ("é", "makes no sense"),
    ],
)
def test_what_is_not_safe_to_answer_is_not_answered(challenge: str, problem: str) -> None:
    with pytest.raises(SaslError, match=problem):
        client().step(challenge.encode("latin-1"))


@pytest.mark.parametrize("iterations", [FEWEST_ITERATIONS, 4096])
def test_eight_octets_of_salt_eight_characters_of_nonce_and_2048_iterations_are_enough(
    iterations: int,
) -> None:
    answer = client().step(GOOD.replace("4096", str(iterations)).encode())
    assert answer.startswith(b"c=biws,r=mine87654321,p=")


def test_extensions_that_may_be_ignored_are_ignored() -> None:
    assert client().step(f"{GOOD},x=new".encode())


@pytest.mark.parametrize(
    ("final", "problem"),
    [
        ("v=" + base64.b64encode(bytes(32)).decode(), "could not prove"),
        ("v=", "could not prove"),
        ("v=AAAA", "could not prove"),
        ("v=!", "makes no sense"),
        ("e=invalid-proof", "refuses the login: invalid-proof"),
        ("e=a\x1b[2Jb\u202e", "refuses"),
        ("x=1", "could not prove"),
        ("", "makes no sense"),
    ],
)
def test_a_server_that_does_not_prove_itself_is_not_believed(final: str, problem: str) -> None:
    exchange = client()
    exchange.step(GOOD.encode())
    with pytest.raises(SaslError, match=problem) as raised:
        exchange.step(final.encode())
    assert not exchange.finished
    assert str(raised.value).isascii()
    assert str(raised.value).isprintable()


def test_nothing_is_answered_after_the_end() -> None:
    exchange = ScramClient("SCRAM-SHA-1", "user", "pencil", nonce="fyko+d2lbbFgONRv9qkxdawL")
    exchange.step(b"r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096")
    exchange.step(b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ=")
    with pytest.raises(SaslError, match="after SCRAM-SHA-1 was finished"):
        exchange.step(b"")


@given(st.binary())
def test_no_challenge_breaks_the_client(challenge: bytes) -> None:
    with pytest.raises(SaslError):
        client().step(challenge)


def test_the_user_name_is_composed_and_its_commas_and_equals_signs_are_escaped() -> None:
    exchange = ScramClient("SCRAM-SHA-256", "a,b=c u\u0308", "password", nonce="mine")
    assert exchange.initial() == "n,,n=a=2Cb=3Dc ü,r=mine".encode()


@pytest.mark.parametrize("username", ["", "a\0b", "a\ud800"])
def test_a_user_name_that_can_t_be_sent_is_refused(username: str) -> None:
    with pytest.raises(SaslError, match="can't be sent"):
        ScramClient("SCRAM-SHA-256", username, "password")


def test_the_binding_goes_into_the_last_message() -> None:
    binding = ChannelBinding("tls-unique", b"\x00finished")
    exchange = ScramClient("SCRAM-SHA-256-PLUS", "alice", "password", binding=binding, nonce="mine")
    assert exchange.initial() == b"p=tls-unique,,n=alice,r=mine"
    bound = base64.b64encode(b"p=tls-unique,,\x00finished")
    assert exchange.step(GOOD.encode()).startswith(b"c=" + bound + b",r=mine87654321,p=")


def test_a_password_that_can_t_be_prepared_is_sent_as_it_is() -> None:
    assert ScramClient("SCRAM-SHA-256", "alice", "bell\x07", nonce="mine").step(GOOD.encode())
