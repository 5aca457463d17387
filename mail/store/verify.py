"""Reading every stored byte and comparing it with the hash taken when it arrived."""

import hashlib
from collections.abc import Iterator

from mail.models import Content
from mail.store.contents import ContentMissing, read


def damaged_contents() -> Iterator[tuple[int, str | None]]:
    """For every content its id, and what is wrong with it (None: nothing). Holds one chunk in memory."""
    last = 0
    while True:
        batch = list(Content.objects.filter(id__gt=last, doubtful=False).order_by("id")[:500])
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
