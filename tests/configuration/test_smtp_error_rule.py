"""The refusal of a destination."""

import pytest

from mail.configuration.rules.smtp_error import smtp_error_problem, smtp_error_reply


@pytest.mark.parametrize(
    "text", ["", "550", "421", "550 no such user", "421 later, please", "550 " + "x" * 252]
)
def test_usable_refusals(text: str) -> None:
    assert smtp_error_problem(text, "Inbox", "Inbox") == ""


@pytest.mark.parametrize(
    "text",
    [
        "551 moved",
        "550no",
        "550 ",
        "250 ok",
        "no such user",
        "550 nö",
        "550 a\r\n250 ok",
        "550\n",
        "550 " + "x" * 253,
    ],
)
def test_unusable_refusals(text: str) -> None:
    assert smtp_error_problem(text, "Inbox", "Inbox")


def test_refused_mail_goes_to_no_mailbox() -> None:
    assert "mailbox" in smtp_error_problem("550 no", "Spam", "Inbox")
    assert smtp_error_problem("", "Spam", "Inbox") == ""


@pytest.mark.parametrize(
    ("text", "reply"),
    [
        ("550 no such user", "550 5.1.1 no such user"),
        ("421 come back", "451 4.3.0 come back"),
        ("550", "550 5.1.1 no such user here"),
        ("421", "451 4.3.0 not possible at the moment, try again later"),
    ],
)
def test_the_reply_that_senders_get(text: str, reply: str) -> None:
    assert str(smtp_error_reply(text)) == reply


def test_an_unusable_refusal_gives_no_reply() -> None:
    with pytest.raises(ValueError):
        smtp_error_reply("551 moved")
