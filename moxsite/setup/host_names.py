"""The names of the machines of this installation."""

from django.conf import settings


def mail_host_names() -> tuple[str, ...]:
    """This machine first, then the others that take mail."""
    others = (host for host, _ in settings.MOXSITE_MX_HOSTS)
    return tuple(dict.fromkeys((settings.MOXSITE_HOSTNAME, *others)))
