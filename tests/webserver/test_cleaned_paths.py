"""A path is matched in one form, and what is passed on decodes to that form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from webserver.routing.paths import clean_path, decode

PIECES = st.sampled_from(
    ["/", "//", ".", "..", "a", "ä", "%2e", "%2E%2e", "%2f", "%00", "%zz", "%ff", " ", "?"]
)


@pytest.mark.parametrize(
    ("raw", "decoded", "passed_on"),
    [
        ("", "/", "/"),
        ("/", "/", "/"),
        ("/a/b", "/a/b", "/a/b"),
        ("/a//b/", "/a/b/", "/a/b/"),
        ("/a/./b/..", "/a/", "/a/"),
        ("/../../etc", "/etc", "/etc"),
        ("/a/%2e%2e/b", "/b", "/b"),
        ("/a%2fb", "/a/b", "/a%2fb"),
        ("/a%2f..%2fb", "/b", "/b"),
        ("/%c3%a4", "/ä", "/%c3%a4"),
        ("/a%00", "/a\0", "/a%00"),
        ("/static../secret", "/static../secret", "/static../secret"),
    ],
)
def test_dot_segments_and_double_slashes_go_and_the_slash_at_the_end_stays(
    raw: str, decoded: str, passed_on: str
) -> None:
    path = clean_path(raw)
    assert (path.decoded, path.raw) == (decoded, passed_on)


@settings(max_examples=200, deadline=None)
@given(pieces=st.lists(PIECES, max_size=9))
def test_cleaning_leaves_nothing_to_clean_and_both_forms_agree(pieces: list[str]) -> None:
    path = clean_path("".join(pieces))
    segments = path.decoded.split("/")
    assert path.decoded.startswith("/")
    assert "" not in segments[1:-1]
    assert not {".", ".."} & set(segments)
    assert decode(path.raw) == path.decoded
    assert path.raw.isascii()
    assert path.raw.isprintable()
