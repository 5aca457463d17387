"""The hash over a body that arrives in pieces is that of dkimpy over the whole."""

import hashlib
from typing import get_args

import pytest
from dkim.canonicalization import Relaxed, Simple
from hypothesis import given
from hypothesis import strategies as st

from mail.dkim.body import BodyHash, BodyShorterThanSigned, Canonicalization

PIECES = st.sampled_from(
    [b"a", b"b", b" ", b"  ", b"\t", b"\r\n", b"\r\n\r\n", b" \r\n", b"\r", b"\n", b"\n\r", b".", b"word"]
)
BODIES = st.lists(PIECES, max_size=40).map(b"".join)
CANONICALIZATIONS = get_args(Canonicalization)
WHOLE = {"simple": Simple.canonicalize_body, "relaxed": Relaxed.canonicalize_body}


def hash_of(
    body: bytes, canonicalization: Canonicalization, cuts: list[int], length: int | None = None
) -> bytes:
    made = BodyHash(canonicalization, length=length)
    start = 0
    for cut in sorted(min(cut, len(body)) for cut in cuts):
        made.update(body[start:cut])
        start = cut
    made.update(body[start:])
    return made.digest()


def whole(body: bytes, canonicalization: Canonicalization) -> bytes:
    canonical: bytes = WHOLE[canonicalization](body)
    return canonical


@pytest.mark.parametrize("canonicalization", CANONICALIZATIONS)
@given(body=BODIES, cuts=st.lists(st.integers(0, 60), max_size=6))
def test_however_the_body_is_cut_its_hash_is_the_same_as_dkimpys(
    canonicalization: Canonicalization, body: bytes, cuts: list[int]
) -> None:
    body += b"\r\n"
    expected = hashlib.sha256(whole(body, canonicalization)).digest()
    assert hash_of(body, canonicalization, cuts) == expected


@pytest.mark.parametrize("canonicalization", CANONICALIZATIONS)
@given(body=BODIES, cuts=st.lists(st.integers(0, 60), max_size=6), length=st.integers(0, 60))
def test_a_length_hashes_so_many_canonical_bytes_and_no_more_than_there_are(
    canonicalization: Canonicalization, body: bytes, cuts: list[int], length: int
) -> None:
    body += b"\r\n"
    canonical = whole(body, canonicalization)
    if length > len(canonical):
        with pytest.raises(BodyShorterThanSigned):
            hash_of(body, canonicalization, cuts, length)
    else:
        expected = hashlib.sha256(canonical[:length]).digest()
        assert hash_of(body, canonicalization, cuts, length) == expected


@given(body=BODIES, cuts=st.lists(st.integers(0, 60), max_size=6))
def test_the_size_is_that_of_the_canonical_body(body: bytes, cuts: list[int]) -> None:
    body += b"\r\n"
    made = BodyHash("relaxed")
    made.update(body)
    made.digest()
    assert made.size == len(whole(body, "relaxed"))


@pytest.mark.parametrize(
    ("canonicalization", "body", "canonical"),
    [
        ("simple", b"", b"\r\n"),
        ("simple", b"\r\n\r\n", b"\r\n"),
        ("relaxed", b"", b""),
        ("relaxed", b" \t\r\n\r\n", b""),
        ("simple", b" C \r\nD \t E\r\n\r\n\r\n", b" C \r\nD \t E\r\n"),
        ("relaxed", b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n"),
        ("simple", b"no end", b"no end\r\n"),
        ("relaxed", b"no end  ", b"no end\r\n"),
    ],
)
def test_the_cases_of_the_standard(canonicalization: Canonicalization, body: bytes, canonical: bytes) -> None:
    assert hash_of(body, canonicalization, []) == hashlib.sha256(canonical).digest()


@pytest.mark.parametrize("canonicalization", CANONICALIZATIONS)
def test_long_runs_of_line_ends_and_spaces_are_held_nowhere(canonicalization: Canonicalization) -> None:
    made = BodyHash(canonicalization)
    for _ in range(100):
        made.update(b"\r\n" * 10_000)
    for _ in range(100):
        made.update(b" " * 10_000)
    made.update(b"x\r\n")
    spaces = b" " * (1_000_000 if canonicalization == "simple" else 1)
    assert made.digest() == hashlib.sha256(b"\r\n" * 1_000_000 + spaces + b"x\r\n").digest()
