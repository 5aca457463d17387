"""One record is one line, whatever stands in it."""

import json
import logging
import re
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.log.sessions import current_session, enter_session
from moxsite.logs.formatters import JsonFormatter, LogfmtFormatter

PAIR = re.compile(r'([A-Za-z0-9_.-]+)=(?:"((?:[^"\\]|\\.)*)"|([^\s"=]*))(?: |\Z)')
SHORT = {"n": "\n", "r": "\r", "t": "\t"}


def record(message: object = "message", fields: object = None, **attributes: Any) -> logging.LogRecord:
    made = logging.LogRecord("mail.store", logging.INFO, __file__, 1, message, None, None)
    if fields is not None:
        made.fields = fields
    for name, value in attributes.items():
        setattr(made, name, value)
    return made


def pairs(line: str) -> dict[str, str]:
    """Read a logfmt line strictly: anything that is no pair is an error."""
    found, position = {}, 0
    while position < len(line):
        match = PAIR.match(line, position)
        assert match, line[position:]
        name, quoted, plain = match.groups()
        assert name not in found
        found[name] = plain if quoted is None else _unescape(quoted)
        position = match.end()
    return found


def _unescape(text: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1)
        return SHORT.get(code) or (chr(int(code[1:], 16)) if len(code) > 1 else code)

    return re.sub(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|.)", one, text)


@given(st.text(st.characters(), max_size=200), st.text(st.characters(), max_size=200))
def test_any_text_stays_one_line_of_printable_characters_and_can_be_read_back(
    message: str, value: str
) -> None:
    line = LogfmtFormatter().format(record(message, {"from": value}, args=None))
    assert len(line.splitlines()) == 1
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u2028-\u202e\u200b-\u200f\ud800-\udfff]", line)
    read = pairs(line)
    assert read["msg"] == message
    assert read["from"] == value


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_json_form_is_ascii_and_can_be_read_back(message: str, value: str) -> None:
    line = JsonFormatter().format(record(message, {"from": value}))
    assert re.fullmatch(r"[\x20-\x7e]*", line)
    read = json.loads(line)
    assert (read["msg"], read["from"]) == (message, value)


def test_lone_surrogates_in_json_stay_apart() -> None:
    line = JsonFormatter().format(record(fields={"from": "\ud800\udc00"}))
    assert json.loads(line)["from"] == r"\ud800\udc00"


@given(st.dictionaries(st.text(), st.text()))
def test_no_field_can_pass_for_what_the_line_itself_says(fields: dict[str, str]) -> None:
    fields = {**fields, "level": "error", "session": "forged", "time": "yesterday"}
    read = json.loads(JsonFormatter().format(record(fields=fields)))
    assert read["level"] == "info"
    assert "session" not in read
    assert read["field_level"] == "error"


def test_a_line_tells_time_level_package_session_message_and_fields() -> None:
    token = enter_session("0123456789")
    try:
        line = LogfmtFormatter().format(
            record("message accepted", {"size": 12, "tls": True, "from": ""}, created=1_700_000_000.25)
        )
    finally:
        token.var.reset(token)
    assert line == (
        "time=2023-11-14T22:13:20.250Z level=info pkg=mail.store session=0123456789 "
        'msg="message accepted" size=12 tls=true from=""'
    )
    assert current_session() == ""


def test_json_keeps_numbers_and_truth_values() -> None:
    fields = {"size": 12, "tls": True, "none": None, "rate": 0.5, "nan": float("nan"), "raw": b"\xff"}
    read = json.loads(JsonFormatter().format(record(fields=fields)))
    assert (read["size"], read["tls"], read["none"], read["rate"]) == (12, True, None, 0.5)
    assert (read["nan"], read["raw"]) == ("nan", "\\xff")


@pytest.mark.parametrize("formatter", [LogfmtFormatter(), JsonFormatter()])
def test_an_exception_is_on_the_line_of_its_record(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("first line\nlevel=error msg=forged")
    except ValueError:
        line = formatter.format(record(exc_info=sys.exc_info()))
    assert "\n" not in line
    assert "Traceback" in line
    assert r"first line\nlevel=error" in line


def test_a_value_that_cannot_be_shown_and_arguments_that_do_not_fit_spoil_nothing() -> None:
    class Broken:
        def __str__(self) -> str:
            raise RuntimeError

    line = LogfmtFormatter().format(record("%d messages", {"value": Broken()}, args=("three",)))
    assert "%d messages ('three',)" in pairs(line)["msg"]
    assert pairs(line)["value"] == "(Broken that can't be shown: RuntimeError)"


def test_a_very_long_value_is_cut_and_says_so() -> None:
    assert pairs(LogfmtFormatter().format(record(fields={"line": "x" * 40_000})))["line"].endswith(
        "… (7232 more characters)"
    )
