"""The seal of this installation, for secrets in its database."""

from functools import lru_cache

from django.conf import settings

from mail.secrets import Seal


def installation_seal() -> Seal:
    """The seal made from MOXSITE_SECRET_KEY."""
    return _seal(settings.MOXSITE_SECRET_KEY)


@lru_cache(maxsize=4)
def _seal(secret: bytes) -> Seal:
    return Seal(secret)
