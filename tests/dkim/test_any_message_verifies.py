"""Whatever header and body a message has, dkimpy finds our signature good."""

from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from mail.dkim.keys import ED25519, RSA
from tests.dkim.signed import records, sign
from tests.dkim.verifiers import by_dkimpy, knows_ed25519

_NAMES = st.sampled_from(
    ["From", "to", "CC", "Subject", "Date", "Message-ID", "Reply-To", "References", "Sender", "List-Id",
     "Resent-From", "Content-Type", "X-Other", "Received"]
)  # fmt: skip
_TEXT = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\n\x0b\x0c"), max_size=40
).map(str.encode)
_FOLDS = st.sampled_from([b"\r\n ", b"\r\n\t", b"  ", b"\t", b" "])


@st.composite
def _fields(draw: st.DrawFn) -> bytes:
    name = draw(_NAMES).encode()
    words = draw(st.lists(_TEXT, min_size=1, max_size=4))
    # A folded line of white space alone would end the header for some readers.
    value = b"".join(draw(_FOLDS) + (b"x" + word) for word in words)
    return name + b":" + draw(st.sampled_from([b"", b" ", b" \t"])) + value + b"\r\n"


_HEADERS = st.lists(_fields(), max_size=12).map(lambda more: b"From: a@example.org\r\n" + b"".join(more))
_LINES = st.lists(
    st.one_of(_TEXT, st.binary(max_size=20).filter(lambda line: b"\r" not in line and b"\n" not in line),
              st.sampled_from([b"", b" ", b"\t \t", b".", b"..", b"a \t ", b" a  b"])),
    max_size=12,
)  # fmt: skip
_BODIES = st.builds(lambda lines, end: b"\r\n".join(lines) + end, _LINES, st.sampled_from([b"", b"\r\n"]))


@settings(max_examples=300)
@given(_HEADERS, _BODIES)
def test_dkimpy_finds_every_signature_good(header: bytes, body: bytes) -> None:
    algorithms = (RSA, ED25519) if knows_ed25519("dkimpy") else (RSA,)
    raw = sign(header, body, *algorithms)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"  # whoever sends it completes the last line (RFC 5321 section 4.1.1.4)
    assert by_dkimpy(raw, records(*algorithms), Path()) == [True] * len(algorithms)
