"""Which authority is asked."""

from typing import Final

DIRECTORIES: Final = {
    "letsencrypt": "https://acme-v02.api.letsencrypt.org/directory",
    "letsencrypt-staging": "https://acme-staging-v02.api.letsencrypt.org/directory",
}


CAA_IDENTITIES: Final = {"letsencrypt": "letsencrypt.org", "letsencrypt-staging": "letsencrypt.org"}
"""What CAA records call the authorities whose directories have a name here."""


def caa_identity(setting: str) -> str:
    """What CAA records call the authority; empty when that is not known."""
    names = {url: CAA_IDENTITIES[name] for name, url in DIRECTORIES.items()}
    return names.get(directory_url(setting), "")


def directory_url(setting: str) -> str:
    """The URL of a directory from the word in the settings; empty for none."""
    return DIRECTORIES.get(setting.lower(), setting)
