"""Names of mailboxes. Pure."""

import unicodedata

INBOX = "Inbox"
LONGEST = 200
LEVELS = "/"


def mailbox_name(text: str) -> str:
    """The name as it is stored: NFC, and the one spelling of the Inbox (RFC 9051 section 5.1)."""
    name = unicodedata.normalize("NFC", text)
    first, slash, rest = name.partition(LEVELS)
    return INBOX + slash + rest if first.lower() == "inbox" else name


def mailbox_name_problem(name: str) -> str:
    """What is wrong with a name; "" when it is fine."""
    if not name:
        return "A mailbox needs a name."
    if len(name) > LONGEST:
        return f"The name of a mailbox has at most {LONGEST} characters."
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Zl", "Zp") for letter in name):
        return "The name of a mailbox can't contain control characters."
    if any(not level or level != level.strip() or level in (".", "..") for level in name.split(LEVELS)):
        return (
            "Levels of a mailbox name, divided by “/”, can't be empty, “.” or “..”, "
            "nor begin or end in a space."
        )
    return ""
