from hypothesis import given

from mail.mime.address_list import HeaderAddress
from mail.mime.headers import HeaderBlock
from mail.mime.summary import REFERENCE_LIMIT, parse_message_ids, summarize
from tests.mime.messages import header_blocks


def test_a_summary_has_what_a_list_of_messages_shows() -> None:
    summary = summarize(
        HeaderBlock.parse(
            b"From: Carol <carol@remote.example>\r\n"
            b"To: alice@example.org,\r\n Bob <bob@example.org>\r\n"
            b"Subject: =?utf-8?q?caf=C3=A9?=\r\n"
            b"Date: Thu, 01 Jan 1970 00:00:01 +0000\r\n"
            b"Message-ID: <3@remote.example>\r\n"
            b"In-Reply-To: <2@example.org>\r\n"
            b"References: <1@example.org>\r\n\t<2@example.org>\r\n"
        )
    )
    assert summary.sender == HeaderAddress("Carol", "carol@remote.example")
    assert [one.address for one in summary.recipients] == ["alice@example.org", "bob@example.org"]
    assert summary.subject == "café"
    assert summary.date == 1_000_000
    assert summary.message_id == "3@remote.example"
    assert summary.in_reply_to == ("2@example.org",)
    assert summary.references == ("1@example.org", "2@example.org")


def test_an_empty_header_gives_an_empty_summary() -> None:
    summary = summarize(HeaderBlock.parse(b""))
    assert summary.sender == HeaderAddress("", "")
    assert (summary.subject, summary.recipients, summary.date, summary.message_id) == ("", (), None, "")
    assert summary.in_reply_to == summary.references == ()


def test_an_id_without_brackets_or_with_folding_inside_is_the_same_id() -> None:
    assert (
        parse_message_ids(b"3@remote.example")
        == parse_message_ids(b"<3@remote\t.example>")
        == ("3@remote.example",)
    )


def test_words_beside_the_ids_are_ignored() -> None:
    assert parse_message_ids(b'Your message of Monday "x" <a@b> (and) <c@d> <a@b>') == ("a@b", "c@d")
    assert parse_message_ids(b"message of bob@example.org on Monday") == ()


def test_of_many_references_the_first_and_the_last_stay() -> None:
    ids = [f"{number}@example.org" for number in range(500)]
    kept = parse_message_ids(" ".join(f"<{one}>" for one in ids).encode())
    assert kept == (ids[0], *ids[1 - REFERENCE_LIMIT :])


@given(header_blocks)
def test_any_header_gives_a_summary(block: bytes) -> None:
    summarize(HeaderBlock.parse(block + b"\r\nSubject: " + block + b"\r\nTo: " + block))
