"""Which server is named, and text that others had a hand in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.dsn.lines import LONGEST_TEXT, address_field, printable
from delivery.dsn.message import delay_message, failure_message
from delivery.dsn.report import ReportedRecipient
from mail.errors import Reply
from tests.dsn.reports import LAST_ATTEMPT, blocks, parse, parts, report

REFUSED = Reply(550, "5.1.1", "no such user")


def reported(host: str, ip: str, *, reply: Reply = REFUSED, remote: bool = True) -> ReportedRecipient:
    return ReportedRecipient("carol@remote.example", reply, remote, LAST_ATTEMPT, host, ip=ip)


@pytest.mark.parametrize(
    ("host", "ip", "named"),
    [
        ("mx.remote.example", "192.0.2.1", "dns; mx.remote.example (192.0.2.1)"),
        ("mx.remote.example", "", "dns; mx.remote.example"),
        ("192.0.2.1", "192.0.2.1", "dns; [192.0.2.1]"),
        ("", "2001:db8::1", "dns; [2001:db8::1]"),
        ("", "", "None"),
    ],
)
def test_the_server_is_named_with_its_address(host: str, ip: str, named: str) -> None:
    text, status, _ = parts(parse(failure_message(report(reported(host, ip)))))
    assert str(blocks(status)[1]["Remote-MTA"]) == named
    assert f"{named.removeprefix('dns; ') if host or ip else 'The server'} answered:" in text.get_content()


def test_a_failure_of_ours_names_no_server_and_quotes_nobody() -> None:
    of = report(
        reported("mx.remote.example", "192.0.2.1", reply=Reply(451, "4.4.1", "no answer"), remote=False)
    )
    _, status, _ = parts(parse(failure_message(of)))
    carol = blocks(status)[1]
    assert carol["Remote-MTA"] is carol["Diagnostic-Code"] is None
    assert carol["Status"] == "5.4.1 (no answer)"


def test_the_words_of_an_administrator_stay_readable_in_ascii() -> None:
    reply = Reply(550, "5.7.0", "on the “suppression list” – Bob’s, since…")
    text, status, _ = parts(parse(failure_message(report(reported("", "", reply=reply, remote=False)))))
    assert blocks(status)[1]["Status"] == '5.7.0 (on the "suppression list" - Bob\'s, since...)'
    assert "“suppression list”" in text.get_content()


@pytest.mark.parametrize("enhanced", ["5", "x.y.z", "5.1", "5.1.1\r\nAction: delivered", "5.1234.1", "٥.١.١"])
def test_what_is_no_status_code_is_none(enhanced: str) -> None:
    _, status, _ = parts(parse(failure_message(report(reported("", "", reply=Reply(550, enhanced, "no"))))))
    assert blocks(status)[1]["Status"] == "5.0.0"


def test_a_reply_of_many_pages_is_cut() -> None:
    long = Reply(550, "5.7.1", "because " * 8000)
    for remote in (True, False):
        of = report(reported("mx.remote.example", "", reply=long, remote=remote))
        assert len(failure_message(of)) < 16_000
        assert len(delay_message(of, [LAST_ATTEMPT])) < 16_000


@given(st.text(max_size=3 * LONGEST_TEXT), st.booleans())
def test_printable_text_is_one_line_of_bounded_length(text: str, international: bool) -> None:
    line = printable(text, international=international)
    assert line.isprintable()
    assert international or line.isascii()
    assert len(line) < 3 * LONGEST_TEXT + 10


@given(st.text(max_size=50))
def test_an_address_field_is_one_line(value: str) -> None:
    line = address_field("To", value)
    assert line.endswith("\r\n")
    assert len(line.encode().splitlines()) == 1


@given(st.text(max_size=60), st.text(max_size=60), st.booleans())
def test_names_of_servers_can_t_add_fields(host: str, ip: str, smtputf8: bool) -> None:
    of = report(reported(f"mx{host}", ip), smtputf8=smtputf8)
    _, status, _ = parts(parse(failure_message(of)))
    names = [line.split(b":")[0] for line in status.as_bytes().splitlines() if line[:1].isalpha()]
    assert names.count(b"Remote-MTA") == names.count(b"Action") == names.count(b"Status") == 1
