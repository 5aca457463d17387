"""Ending sessions that were opened by less than is asked for now."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from mail.models import Login


def end_sessions(login: Login, *, keep: str | None = None) -> int:
    """End the sessions of a login in all browsers but the one with the key `keep`; how many they were.

    Reads every session of the installation: for what happens seldom.
    """
    found = [
        row.pk
        for row in Session.objects.exclude(pk=keep or "").iterator()
        if row.get_decoded().get(SESSION_KEY) == str(login.pk)
    ]
    return Session.objects.filter(pk__in=found).delete()[0]
