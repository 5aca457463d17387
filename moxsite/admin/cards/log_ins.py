"""How many passwords were guessed at."""

from typing import Final

from django.db.models import Sum
from django.urls import reverse

from mail import clock
from mail.models import Login, LoginAttempt
from moxsite.admin.cards.card import Card, Health
from moxsite.pages.words import counted

MANY: Final = 1000
"""In a day. The limiter keeps them harmless; whoever runs the server may still want to know."""

_FAILURES: Final = (LoginAttempt.Result.WRONG, LoginAttempt.Result.UNKNOWN, LoginAttempt.Result.THROTTLED)


def log_ins_card() -> Card:
    """The card."""
    recent = LoginAttempt.objects.filter(last__gt=clock.now() - clock.DAY, result__in=_FAILURES)
    failed = int(recent.aggregate(total=Sum("count"))["total"] or 0)
    url = reverse("admin:mail_loginattempt_changelist")
    text = f"{counted(failed, 'log-in')} failed in the last 24 hours."
    if failed >= MANY:
        return Card(
            "Log-ins", f"{url}?result__exact=wrong", Health.WATCH, "many fail", text, "See from where"
        )
    admins = Login.objects.filter(is_staff=True, is_active=True)
    unprotected = admins.exclude(second_factor__confirmed__isnull=False).values_list("name", flat=True)[:3]
    if unprotected:
        text += f" Without two-factor login: {', '.join(unprotected)}."
    return Card("Log-ins", url, Health.FINE, "quiet" if failed < MANY // 10 else "usual", text)
