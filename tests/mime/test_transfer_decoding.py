import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.decode import decode_base64, decode_quoted_printable, decode_transfer
from tests.mime.messages import cut

SOFT = [
    b"=\r\n",
    b"=\n",
    b"= \r\n",
    b"=",
    b"=4",
    b"=41",
    b"=g1",
    b" ",
    b"\t",
    b"\r\n",
    b"\n",
    b"\r",
    b"text",
    b"\xff",
]
quoted_printable = st.lists(st.sampled_from(SOFT), max_size=30).map(b"".join)


@given(st.binary(max_size=400), st.integers())
def test_base64_is_decoded_in_any_pieces(data: bytes, seed: int) -> None:
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    assert b"".join(decode_base64(cut(encoded, seed))) == data


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (b"QUJD", b"ABC"),
        (b"QU JD\x00!", b"ABC"),
        (b"QUI", b"AB"),
        (b"QUI=QUI=", b"ABAB"),
        (b"QQ==\r\nQUJD", b"AABC"),
        (b"QUJDQ", b"ABC"),
        (b"====", b""),
        (b"", b""),
    ],
)
def test_imperfect_base64_is_decoded_as_far_as_it_goes(encoded: bytes, decoded: bytes) -> None:
    assert b"".join(decode_base64([encoded])) == decoded


@given(st.text("QUI=\r\n !").map(str.encode), st.integers())
def test_pieces_make_no_difference_to_imperfect_base64(encoded: bytes, seed: int) -> None:
    assert b"".join(decode_base64(cut(encoded, seed, 5))) == b"".join(decode_base64([encoded]))


@given(st.binary(max_size=400), st.integers())
def test_quoted_printable_is_decoded_in_any_pieces(data: bytes, seed: int) -> None:
    encoded = quopri.encodestring(data.replace(b"\r", b"").replace(b"\n", b""), quotetabs=True)
    assert b"".join(decode_quoted_printable(cut(encoded, seed))) == data.replace(b"\r", b"").replace(
        b"\n", b""
    )


@pytest.mark.parametrize(
    ("encoded", "decoded"),
    [
        (b"a=3Db", b"a=b"),
        (b"a=3db", b"a=b"),
        (b"soft=\r\nbreak", b"softbreak"),
        (b"soft= \t\r\nbreak", b"softbreak"),
        (b"blanks \t\r\nend ", b"blanks\r\nend"),
        (b"kept=20\r\n", b"kept \r\n"),
        (b"a=zz=", b"a=zz"),
        (b"raw \xe9", b"raw \xe9"),
    ],
)
def test_quoted_printable_as_it_is_sent(encoded: bytes, decoded: bytes) -> None:
    assert b"".join(decode_quoted_printable([encoded])) == decoded


@given(quoted_printable, st.integers())
def test_pieces_make_no_difference_to_any_quoted_printable(encoded: bytes, seed: int) -> None:
    assert b"".join(decode_quoted_printable(cut(encoded, seed, 5))) == b"".join(
        decode_quoted_printable([encoded])
    )


@pytest.mark.parametrize("filler", [b"x", b" ", b"=41", b"=", b"\t \t", b"\r"])
def test_a_line_without_end_is_decoded_without_keeping_it(filler: bytes) -> None:
    chunks = [filler * 20_000] * 50
    kept = 0
    for decoded in decode_quoted_printable(chunks):
        kept = max(kept, len(decoded))
    assert kept <= 3 * 20_000 + 64 * 1024 + 2


def test_cutting_a_long_line_splits_no_code() -> None:
    encoded = b"=41" * 100_000
    assert b"".join(decode_quoted_printable(cut(encoded, 1, 1000))) == b"A" * 100_000


def test_blanks_in_the_middle_of_a_long_line_stay() -> None:
    encoded = (b"word " * 50_000) + b"end"
    assert b"".join(decode_quoted_printable(cut(encoded, 1, 1000))) == encoded


@pytest.mark.parametrize("encoding", ["7bit", "8bit", "binary", "", "x-unknown"])
def test_other_encodings_change_nothing(encoding: str) -> None:
    assert list(decode_transfer([b"a=3D", b"QUJD"], encoding)) == [b"a=3D", b"QUJD"]
