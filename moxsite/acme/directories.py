"""Which authority is asked."""

from typing import Final

DIRECTORIES: Final = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}


def directory_url(setting: str) -> str:
    """The URL of a directory from the word in the settings; empty for none."""
    return DIRECTORIES.get(setting.lower(), setting)
