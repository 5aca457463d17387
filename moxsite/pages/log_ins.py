"""Who has logged in to the account, or tried to, for its owner."""

from typing import Final

from django.db.models import Q, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mail import clock
from mail.guard.pruning import ATTEMPTS_KEPT
from mail.models import Account, Login, LoginAttempt
from moxsite.pages.access import account_page, own_login
from moxsite.pages.cursor import PAGE, Page, newer_page, number_of, older_page
from moxsite.pages.login_code import MECHANISM
from moxsite.pages.words import Chip

WORTH_SAYING: Final = 5
"""Fewer wrong passwords are one's own slips."""

_Result = LoginAttempt.Result
_CHIPS: Final = {
    _Result.OK: Chip("logged in", "green"),
    _Result.WRONG: Chip("wrong password", "red"),
    _Result.UNKNOWN: Chip("unknown name", "red"),
    _Result.DISABLED: Chip("login disabled", "amber"),
    _Result.NOT_ENABLED: Chip("method not allowed", "amber"),
    _Result.THROTTLED: Chip("held back", "amber"),
    _Result.ERROR: Chip("not checked", "grey"),
}


def failures_today(login: Login) -> int:
    """How many wrong passwords were tried for the login in the last day; 0 when they are but a few."""
    recent = login.attempts.filter(last__gt=clock.now() - clock.DAY, result=_Result.WRONG)
    total = recent.aggregate(total=Sum("count"))["total"] or 0
    return total if total >= WORTH_SAYING else 0


def result_chip(attempt: LoginAttempt) -> Chip:
    """How an attempt ended."""
    return _CHIPS[LoginAttempt.Result(attempt.result)]


def how(attempt: LoginAttempt) -> str:
    """By which way, as its owner would say: “Mail program, SCRAM-SHA-256” or “Web page”."""
    if attempt.protocol == LoginAttempt.Protocol.WEB:
        return "Web page, code" if attempt.mechanism == MECHANISM else "Web page"
    return f"Mail program, {attempt.mechanism}" if attempt.mechanism else "Mail program"


def password_text(attempt: LoginAttempt) -> str:
    """Which password was used; nobody knows when it was a wrong one."""
    if attempt.result != _Result.OK:
        return ""
    return f"app password “{attempt.password}”" if attempt.password else "main password"


@require_safe
@account_page
def log_ins(request: HttpRequest, account: Account) -> HttpResponse:
    """The list, newest first."""
    page = _page(request, own_login(request).pk)
    rows = [
        {"attempt": each, "chip": result_chip(each), "how": how(each), "password": password_text(each)}
        for each in page.rows
    ]
    context = {"page": page, "rows": rows, "days": ATTEMPTS_KEPT // clock.DAY}
    return render(request, "pages/log_ins.html", context)


def _page(request: HttpRequest, login_id: int) -> Page[LoginAttempt]:
    rows = LoginAttempt.objects.filter(login_id=login_id)
    after = _position(request, "after")
    if after is not None:
        newer = rows.filter(Q(last__gt=after[0]) | Q(last=after[0], id__gt=after[1]))
        page = newer_page(list(newer.order_by("last", "id")[: PAGE + 1]))
        if page.has_newer:
            return page
    before = _position(request, "before")
    if before is not None:
        rows = rows.filter(Q(last__lt=before[0]) | Q(last=before[0], id__lt=before[1]))
    return older_page(list(rows.order_by("-last", "-id")[: PAGE + 1]), from_start=before is None)


def _position(request: HttpRequest, name: str) -> tuple[int, int] | None:
    """Where a page starts: the moment of an attempt, and its id for those of the same moment."""
    moment, attempt_id = number_of(request, name), number_of(request, "id")
    return None if moment is None or attempt_id is None else (moment, attempt_id)
