"""The secret key of a backup: without it nobody opens what is sealed in the database."""

import os
from pathlib import Path

from django.conf import settings

from moxsite.backup.errors import BackupError
from moxsite.backup.files import copy, sync_folder
from moxsite.backup.manifest import Manifest, fingerprint

_FOLDER = "secrets"
_KEY = f"{_FOLDER}/key"


def usable_key(folder: Path, manifest: Manifest) -> str:
    """The key that the restored installation will run with. Raises BackupError when it can't be right."""
    if _comes_from_environment() or not manifest.key_included:
        if fingerprint(settings.MOXSITE_SECRET_KEY) != manifest.key_fingerprint:
            raise BackupError(
                "The secret key is not the one that this backup was made with. "
                + (
                    "Unset MOXSITE_SECRET_KEY: the right key is in the backup."
                    if manifest.key_included
                    else "It is not in the backup: set MOXSITE_SECRET_KEY to it."
                )
            )
        return str(settings.MOXSITE_SECRET_KEY.decode())
    key = (folder / _KEY).read_text(encoding="utf-8").strip()
    if fingerprint(key.encode()) != manifest.key_fingerprint:
        raise BackupError(f"{folder / _KEY} is not the key that the backup was made with.")
    return key


def place_secrets(folder: Path, manifest: Manifest, data: Path) -> None:
    """Put the secrets of a backup into the data directory, whose database is empty.

    A key that is there belongs to no data yet, because every command makes one where it finds none; it is
    kept as key.before-restore all the same.
    """
    for name in manifest.files:
        if not name.startswith(f"{_FOLDER}/") or (name == _KEY and _comes_from_environment()):
            continue
        target = data / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = target.with_name(f".{target.name}.restoring")
        draft.unlink(missing_ok=True)
        copy(folder / name, draft)
        if target.exists() and target.read_bytes() != draft.read_bytes():
            os.replace(target, target.with_name(f"{target.name}.before-restore"))
        os.replace(draft, target)
        sync_folder(target.parent)


def _comes_from_environment() -> bool:
    return bool(os.environ.get("MOXSITE_SECRET_KEY") or os.environ.get("MOXSITE_SECRET_KEY_FILE"))
