"""Reading every stored byte and comparing it with the hash taken when it arrived."""

import hashlib
from collections.abc import Iterator

from mail.models import Content
from mail.store.contents import ContentMissing, read
from mail.store.sweep import unused

_BATCH = 500
_FROM = "SELECT c.* FROM mail_content c WHERE c.id > %s AND ({}) ORDER BY c.id LIMIT %s"
"""Doubtful content may be in use: it is doubtful as soon as one of several references goes."""


def damaged_contents() -> Iterator[tuple[int, str | None]]:
    """For every content its id, and what is wrong with it (None: nothing). Holds one chunk in memory."""
    last = 0
    while True:
        batch = list(Content.objects.raw(_FROM.format(f"NOT c.doubtful OR NOT ({unused()})"), [last, _BATCH]))
        for content in batch:
            yield content.id, _damage(content)
        if not batch:
            return
        last = batch[-1].id


def _damage(content: Content) -> str | None:
    digest, size = hashlib.sha256(), 0
    try:
        for chunk in read(content.id):
            digest.update(chunk)
            size += len(chunk)
    except ContentMissing as error:
        return str(error)
    if size != content.size:
        return f"{size} bytes are there of {content.size}"
    if digest.digest() != bytes(content.sha256):
        return "the bytes are not the ones that arrived"
    return None
