from base64 import b64decode

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from mail.dkim.keys import ED25519, RSA
from mail.dkim.record import record_name, record_strings, record_text, zone_line
from tests.dkim.signed import pair


def test_a_record_names_the_kind_of_its_key_and_has_the_public_key() -> None:
    text = record_text(RSA, pair(RSA).public_key)
    assert text.startswith("v=DKIM1; k=rsa; p=")
    key = load_der_public_key(b64decode(text.partition("p=")[2]))
    assert isinstance(key, RSAPublicKey)
    assert key.key_size == 2048
    short = record_text(ED25519, pair(ED25519).public_key)
    assert short.startswith("v=DKIM1; k=ed25519; p=")
    assert len(b64decode(short.partition("p=")[2])) == 32


def test_a_long_record_is_cut_into_strings_that_join_to_it_again() -> None:
    text = record_text(RSA, pair(RSA).public_key)
    strings = record_strings(text)
    assert len(strings) == 2
    assert len(strings[0]) == 255
    assert "".join(strings) == text
    name = record_name("s1", "example.org")
    assert zone_line(name, text) == f's1._domainkey.example.org. IN TXT "{strings[0]}" "{strings[1]}"'
