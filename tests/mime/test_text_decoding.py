from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from mail.mime.decode import decode_text
from mail.mime.flowed import unflow


def test_line_ends_become_line_feeds_and_controls_go() -> None:
    assert (
        decode_text([b"one\r\ntwo\rthree\n\x00\x08\ttab\x0c"], "utf-8", 100).text
        == "one\ntwo\nthree\n\ttab\x0c"
    )


def test_characters_cut_between_chunks_are_whole() -> None:
    assert decode_text(["é".encode()[:1], "é".encode()[1:]], "", 100).text == "é"


def test_text_is_cut_at_the_limit() -> None:
    decoded = decode_text(["é".encode() * 100], "utf-8", 10)
    assert (decoded.text, decoded.truncated) == ("é" * 10, True)
    assert not decode_text(["é".encode() * 10], "utf-8", 10).truncated


def test_no_more_chunks_are_read_than_needed() -> None:
    def endless() -> Iterator[bytes]:
        while True:
            yield b"x" * 1000

    assert decode_text(endless(), "", 5000).text == "x" * 5000


def test_unlabelled_utf_8_is_recognised_though_it_was_cut() -> None:
    for limit in range(1, 9):
        assert decode_text(["x€".encode() * 100], "", limit).text == ("x€" * 10)[:limit]


@given(st.lists(st.binary(max_size=20)), st.text(max_size=10), st.integers(0, 50))
def test_any_bytes_give_text_within_the_limit(chunks: list[bytes], charset: str, limit: int) -> None:
    assert len(decode_text(chunks, charset, limit).text) <= limit


def test_flowed_lines_become_paragraphs() -> None:
    assert unflow("one \ntwo \nthree\nfour") == "one two three\nfour"


def test_quote_depth_separates_paragraphs() -> None:
    assert unflow("> one \n> two\n>> three \nfour") == "> one two\n>> three \nfour"


def test_stuffed_spaces_are_taken_off() -> None:
    assert unflow(" From here\n > no quote") == "From here\n> no quote"


def test_delsp_deletes_the_space_that_marks_a_flowed_line() -> None:
    assert unflow("Donau \ndampf", delete_space=True) == "Donaudampf"


def test_a_signature_separator_is_never_flowed() -> None:
    assert unflow("text \n-- \nAlice") == "text \n-- \nAlice"


@given(st.text("> ab-\n"))
def test_no_word_is_lost(text: str) -> None:
    def letters(value: str) -> str:
        return "".join(character for character in value if character in "ab")

    assert letters(unflow(text)) == letters(text)
