"""What an admin can do with chosen recipients: at once, or on a page that asks how, or whether."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from delivery.models import QueuedRecipient, State
from delivery.queue.changes import Change, Drop, Release, RetryNow
from delivery.queue.operations import change_queue, give_up_recipients
from moxsite.admin.queue_forms import ActionForm, HoldForm, RescheduleForm, TlsForm, TransportForm
from moxsite.pages.words import counted

_NAMED: Final = 20


@dataclass(frozen=True, slots=True)
class QueueAction:
    """An action. With a form or a warning a page comes before it; with neither it is done at once.

    `verb` heads that page and its button; `done` ends the sentence that says to how many it was done,
    `otherwise` the one about the others.
    """

    name: str
    label: str
    verb: str
    done: str
    change: Change | None = None
    form: type[ActionForm] | None = None
    warning: str = ""
    otherwise: str = "not waiting"

    @property
    def asks(self) -> bool:
        """Whether a page comes first."""
        return bool(self.form or self.warning)


ACTIONS: Final = (
    QueueAction(
        "retry_now", "Retry now", "Retry", "will be tried again now",
        RetryNow(), otherwise="held, being tried right now, or not waiting",
    ),
    QueueAction(
        "reschedule", "Reschedule…", "Reschedule", "rescheduled",
        form=RescheduleForm, otherwise="being tried right now, or not waiting",
    ),
    QueueAction("hold", "Hold…", "Hold", "held", form=HoldForm),
    QueueAction("release", "Release", "Release", "released", Release(), otherwise="not held"),
    QueueAction("transport", "Set the transport…", "Set the transport of", "changed", form=TransportForm),
    QueueAction("tls", "Set the TLS demand…", "Set the TLS demand of", "changed", form=TlsForm),
    QueueAction(
        "fail", "Fail, and tell the senders…", "Fail", "given up; the senders are told",
        warning="The mail is given up, and each sender is told that an administrator did it. This can’t be "
        "undone. An attempt that is under way may still deliver.",
    ),
    QueueAction(
        "drop", "Drop without a word…", "Drop", "dropped", Drop(),
        warning="The mail is removed, and nobody is told. This can’t be undone. An attempt that is under way "
        "may still deliver.",
    ),
)  # fmt: skip

Performed = Callable[[Any, HttpRequest, QuerySet[QueuedRecipient]], HttpResponse | None]


def queue_actions() -> dict[str, tuple[Performed, str, str]]:
    """The actions as an admin's list wants them."""
    return {action.name: (_performer(action), action.name, action.label) for action in ACTIONS}


def _performer(action: QueueAction) -> Performed:
    def perform(admin: Any, request: HttpRequest, rows: QuerySet[QueuedRecipient]) -> HttpResponse | None:
        confirmed = "confirmed" in request.POST
        form = action.form(request.POST if confirmed else None) if action.form else None
        if action.asks and not (confirmed and (form is None or form.is_valid())):
            return _ask(admin, request, action, rows, form)
        _do(request, action, list(rows.order_by().values_list("id", flat=True)), form)
        message = request.POST.get("message", "")
        return redirect("admin:delivery_queuedmessage_change", message) if message.isdigit() else None

    return perform


def _ask(
    admin: Any,
    request: HttpRequest,
    action: QueueAction,
    rows: QuerySet[QueuedRecipient],
    form: ActionForm | None,
) -> HttpResponse:
    """The page that asks, with everything that the answer needs to find the same rows again."""
    chosen = rows.count()
    waiting = rows.filter(state=State.WAITING)
    meant = waiting.count()
    across = request.POST.get("select_across", "0")
    context = {
        **admin.admin_site.each_context(request),
        "title": f"{action.verb} {counted(meant, 'recipient')}{'' if form else '?'}",
        "button": f"{action.verb} {counted(meant, 'recipient')}",
        "action": action,
        "form": form,
        "waiting": meant,
        "settled": counted(chosen - meant, "recipient") if chosen > meant else "",
        "named": waiting.order_by("-id")[:_NAMED],
        "unnamed": max(0, meant - _NAMED),
        "across": across,
        "selected": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "message": request.POST.get("message", ""),
        "opts": admin.opts,
    }
    return TemplateResponse(
        request, "admin/queue_action.html", context, status=422 if form and form.errors else 200
    )


def _do(request: HttpRequest, action: QueueAction, ids: Sequence[int], form: ActionForm | None) -> None:
    by = request.user.get_username()
    change = form.change() if form is not None else action.change
    try:
        changed = give_up_recipients(ids, by) if change is None else change_queue(ids, change, by)
    except LookupError as error:
        messages.error(request, f"Nothing was changed: {error}.")
        return
    if changed:
        messages.success(request, f"{counted(changed, 'recipient')} {action.done}.")
    if others := len(ids) - changed:
        messages.warning(request, f"Nothing was done for {counted(others, 'recipient')}: {action.otherwise}.")
