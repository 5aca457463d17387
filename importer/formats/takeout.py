"""The labels that Gmail's Takeout writes into messages, in the languages that it speaks most."""

from dataclasses import dataclass

from mail.mailformats.flags import MessageFlags
from mail.mailformats.keywords import keyword_from
from mail.mime.encoded_words import decode_header_text

FIELD = "X-Gmail-Labels"

_UNREAD = frozenset(
    ("unread", "ungelesen", "non lus", "non lu", "no leído", "no leídos", "da leggere", "não lidas",
     "ongelezen", "nieprzeczytane", "непрочитанные", "oläst", "未読", "未读")
)  # fmt: skip
_STARRED = frozenset(
    ("starred", "markiert", "mit stern", "suivis", "suivi", "destacados", "destacado", "speciali",
     "com estrela", "met ster", "oznaczone gwiazdką", "помеченные", "stjärnmärkt", "スター付き", "已加星标")
)  # fmt: skip
_IGNORED = frozenset(
    ("opened", "geöffnet", "ouvert", "abierto", "aperti", "abertos", "geopend", "archived", "archiviert",
     "messages archivés", "archivado", "archiviati", "arquivadas", "gearchiveerd")
)  # fmt: skip
_PLACES = {
    "trash": "Trash", "papierkorb": "Trash", "corbeille": "Trash", "papelera": "Trash", "cestino": "Trash",
    "lixeira": "Trash", "prullenbak": "Trash", "kosz": "Trash", "корзина": "Trash",
    "spam": "Junk",
    "draft": "Drafts", "drafts": "Drafts", "entwürfe": "Drafts", "entwurf": "Drafts", "brouillons": "Drafts",
    "borradores": "Drafts", "bozze": "Drafts", "rascunhos": "Drafts", "concepten": "Drafts",
    "sent": "Sent", "gesendet": "Sent", "messages envoyés": "Sent", "enviados": "Sent", "inviati": "Sent",
    "posta inviata": "Sent", "verzonden": "Sent", "wysłane": "Sent", "отправленные": "Sent",
    "inbox": "Inbox", "posteingang": "Inbox", "boîte de réception": "Inbox", "recibidos": "Inbox",
    "posta in arrivo": "Inbox", "caixa de entrada": "Inbox", "postvak in": "Inbox", "odebrane": "Inbox",
    "входящие": "Inbox",
}  # fmt: skip
_PRECEDENCE = ("Trash", "Junk", "Drafts", "Inbox", "Sent")
_ARCHIVE = "Archive"


@dataclass(frozen=True, slots=True)
class LabelledMessage:
    """Where a message goes and its flags, by its labels."""

    folder: str
    flags: MessageFlags


def read_labels(value: bytes) -> LabelledMessage:
    """The meaning of an X-Gmail-Labels value.

    A message has one folder here: Trash, Spam, Drafts, Inbox or Sent, else its first label, else Archive. All
    other labels become keywords. A message without the label "unread" has been read.
    """
    places: set[str] = set()
    labels: list[str] = []
    marks: set[str] = set()
    for label in _split(decode_header_text(value)):
        low = label.casefold()
        if low in _UNREAD or low in _STARRED:
            marks.add("unread" if low in _UNREAD else "starred")
        elif low in _PLACES:
            places.add(_PLACES[low])
        elif low not in _IGNORED:
            labels.append(label)
    folder = next((place for place in _PRECEDENCE if place in places), "")
    if not folder:
        own = [label for label in labels if not label.startswith("Category ") and label not in ("Important",)]
        folder = own[0] if own else _ARCHIVE
        labels = [label for label in labels if label != folder]
    keywords = frozenset(filter(None, map(keyword_from, labels)))
    flags = MessageFlags(
        seen="unread" not in marks, flagged="starred" in marks, draft="Drafts" in places, keywords=keywords
    )
    return LabelledMessage(folder, flags)


def _split(text: str) -> list[str]:
    """Labels divided by commas; one with a comma in it is quoted."""
    labels = [""]
    quoted = False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            labels.append("")
        else:
            labels[-1] += letter
    return [label.strip() for label in labels if label.strip()]
