"""Names of mailboxes."""

import pytest

from mail.configuration.rules.mailboxes import mailbox_name, mailbox_name_problem


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("INBOX", "Inbox"),
        ("inbox/Lists", "Inbox/Lists"),
        ("Inboxes", "Inboxes"),
        ("Archive/inbox", "Archive/inbox"),
        ("a\u0308", "ä"),
    ],
)
def test_a_mailbox_has_one_spelling(typed: str, stored: str) -> None:
    assert mailbox_name(typed) == stored


@pytest.mark.parametrize("name", ["Inbox", "Lists/Python", "Größe", "a b", "&", "x" * 200])
def test_usable_names(name: str) -> None:
    assert mailbox_name_problem(name) == ""


@pytest.mark.parametrize(
    "name", ["", "/", "/a", "a/", "a//b", " a", "a/ b", "a\nb", "..", "a/../b", "x" * 201]
)
def test_unusable_names(name: str) -> None:
    assert mailbox_name_problem(name)
