import pytest
from hypothesis import given
from hypothesis import strategies as st

from importer.formats.mapping import STANDARD, propose
from mail.configuration.rules.mailboxes import mailbox_name_problem


def mailboxes(*folders: str, prefix: str | None = None) -> dict[str, str]:
    return {path: target.mailbox for path, target in propose(folders, prefix).targets.items()}


@pytest.mark.parametrize(
    ("folder", "role", "mailbox"),
    [
        ("INBOX", "inbox", "Inbox"),
        ("Posteingang", "inbox", "Inbox"),
        ("Sent Items", "sent", "Sent"),
        ("Gesendete Elemente", "sent", "Sent"),
        ("Messages envoyés", "sent", "Sent"),
        ("[Gmail]/Sent Mail", "sent", "Sent"),
        ("INBOX/Drafts", "drafts", "Drafts"),
        ("Entwürfe", "drafts", "Drafts"),
        ("Junk E-mail", "junk", "Junk"),
        ("Courrier indésirable", "junk", "Junk"),
        ("Papierkorb", "trash", "Trash"),
        ("Deleted Messages", "trash", "Trash"),
        ("已删除邮件", "trash", "Trash"),
        ("Архив", "archive", "Archive"),
        ("Work/Sent", "", "Work/Sent"),
        ("Sentences", "", "Sentences"),
    ],
)
def test_folders_are_recognised_by_their_names(folder: str, role: str, mailbox: str) -> None:
    target = propose([folder, "Other"]).targets[folder]
    assert (target.role, target.mailbox) == (role, mailbox)


def test_mailboxes_of_the_account_for_a_role_are_taken() -> None:
    assert propose(["Sent"], mailboxes={"sent": "Gesendet"}).targets["Sent"].mailbox == "Gesendet"


@pytest.mark.parametrize(
    ("folders", "prefix"),
    [
        (["Takeout/Mail/Inbox", "Takeout/Mail/Work/Project"], "Takeout/Mail"),
        (["Maildir", "Maildir/Sent", "Maildir/A/B"], "Maildir"),
        (["old/alice/INBOX", "old/alice/Family"], "old/alice"),
        (["Mail/Local Folders/Trash", "Mail/Local Folders/X"], "Mail/Local Folders"),
        (["Family/2023", "Family/2024"], ""),
        (["Archive/2023", "Archive/2024"], ""),
        (["Inbox", "Inbox/Sent"], ""),
        (["import"], ""),
        (["Mail/import"], "Mail"),
        (["Maildir"], "Maildir"),
    ],
)
def test_what_is_around_the_mail_is_taken_off(folders: list[str], prefix: str) -> None:
    assert propose(folders).prefix == prefix


def test_the_folder_that_is_the_prefix_itself_is_the_inbox() -> None:
    assert mailboxes("Maildir", "Maildir/Sent", "Maildir/A/B") == {
        "Maildir": "Inbox",
        "Maildir/Sent": "Sent",
        "Maildir/A/B": "A/B",
    }


def test_a_prefix_counts_only_as_whole_levels() -> None:
    assert mailboxes("Mail/foo", "Mailbackup/foo", prefix="Mail/") == {
        "Mail/foo": "foo",
        "Mailbackup/foo": "Mailbackup/foo",
    }


def test_different_folders_stay_different_mailboxes() -> None:
    assert mailboxes("a", "A", "b\x01", "b\x02", prefix="") == {
        "a": "a",
        "A": "A 2",
        "b\x01": "b_",
        "b\x02": "b_ 2",
    }


@given(st.lists(st.text(max_size=300), unique=True, max_size=6), st.text(max_size=5))
def test_every_proposed_name_is_one_a_mailbox_may_have(folders: list[str], prefix: str) -> None:
    for name in [*mailboxes(*folders).values(), *mailboxes(*folders, prefix=prefix).values()]:
        assert mailbox_name_problem(name) == ""


def test_of_very_many_levels_the_last_are_kept() -> None:
    name = mailboxes("/".join(f"level{n}" for n in range(300)), "Inbox")[
        "/".join(f"level{n}" for n in range(300))
    ]
    assert name.endswith("level298/level299")
    assert len(name) <= 200


def test_where_an_account_has_all_standard_mailboxes_others_are_its_own() -> None:
    standard = ["INBOX", "Sent", "Drafts", "Archive", "Junk", "Trash"]
    proposal = propose([*standard, "Sent Items", "Papierkorb"], None, {**STANDARD, "sent": "Gesendet"})
    assert {path: target.mailbox for path, target in proposal.targets.items()} == {
        "INBOX": "Inbox",
        "Sent": "Gesendet",
        "Drafts": "Drafts",
        "Archive": "Archive",
        "Junk": "Junk",
        "Trash": "Trash",
        "Sent Items": "Sent Items",
        "Papierkorb": "Papierkorb",
    }
    assert propose([*standard[1:], "Sent Items"]).targets["Sent Items"].mailbox == "Sent"
