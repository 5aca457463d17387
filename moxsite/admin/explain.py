"""“Why would this message go there?”: every rule with its reason, the transport, the attempts to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from delivery.models import QueuedRecipient, Transport
from delivery.queue.choice import Chooser
from delivery.queue.explain import Explanation, Question, explain
from delivery.queue.explain_question import WrongQuestion, queued_question, typed_question
from delivery.queue.explain_text import hosted_here
from delivery.queue.tryout import present_tryout
from delivery.routing.decision import Examined
from delivery.routing.routes import Level
from mail.addresses.address import Address
from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from mail.models import Domain
from moxsite.pages.cursor import HIGHEST

_NAMES: Final = ("sender", "recipient", "account", "attempt")


@dataclass(slots=True)
class ExplainForm:
    """What was typed, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExplainedLevel:
    """The rules of one level, where they can be changed, and why there are none."""

    title: str
    url: str
    rules: tuple[Examined, ...]
    empty: str


@require_safe
def explain_page(request: HttpRequest) -> HttpResponse:
    """The form, and below it the answer. `?queued=` asks about a recipient of the queue."""
    form = ExplainForm({name: request.GET.get(name, "").strip() for name in _NAMES})
    row = _queued(request.GET.get("queued", ""))
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "Explain a route", "form": form}
    question = _question(form, row)
    if question is not None:
        context.update(_answer(form, question, row))
    return TemplateResponse(request, "admin/explain.html", context)


def _queued(text: str) -> QueuedRecipient | None:
    """The row that the address of the page names. One that is not there is an error, not another question."""
    if not text:
        return None
    rows = QueuedRecipient.objects.select_related("message", "message__account")
    row = rows.filter(pk=int(text)).first() if text.isdecimal() and int(text) <= HIGHEST else None
    if row is None:
        raise Http404
    return row


def _question(form: ExplainForm, row: QueuedRecipient | None) -> Question | None:
    attempt = form.values["attempt"]
    number = int(attempt) if attempt.isdecimal() and len(attempt) < 5 else 0
    if row is not None:
        _fill_in(form.values, row, number or row.attempts + 1)
        return queued_question(row, number or None)
    if not form.values["recipient"]:
        return None
    try:
        return typed_question(
            form.values["sender"], form.values["recipient"], form.values["account"], number if attempt else 1
        )
    except WrongQuestion as error:
        form.errors[error.field] = str(error)
        return None


def _fill_in(values: dict[str, str], row: QueuedRecipient, attempt: int) -> None:
    message = row.message
    values["sender"] = "<>"
    if message.sender_domain:
        values["sender"] = str(Address(message.sender_localpart, message.sender_domain))
    values["recipient"] = str(Address(row.localpart, row.domain))
    values["account"] = message.account.name if message.account is not None else ""
    values["attempt"] = str(attempt)


def _answer(form: ExplainForm, question: Question, row: QueuedRecipient | None) -> Mapping[str, Any]:
    try:
        explanation = explain(Chooser(), compile_snapshot(), question, present_tryout())
    except InvalidConfiguration as error:
        form.errors["recipient"] = f"The configuration can’t be used: {error}"
        return {}
    name = explanation.transport.name
    transport = Transport.objects.filter(name=name).first()
    return {
        "explanation": explanation,
        "hosted_here": hosted_here(explanation.hosted) if explanation.hosted else "",
        "levels": _levels(explanation, form.values["account"]),
        "transport_url": reverse("admin:delivery_transport_change", args=[transport.pk]) if transport else "",
        "test_url": reverse("admin:delivery_transport_test", args=[transport.pk]) if transport else "",
        "queued": row,
    }


def _levels(explanation: Explanation, account: str) -> list[ExplainedLevel]:
    journey = explanation.question.journey
    rules = {level: tuple(each for each in explanation.examined if each.level is level) for level in Level}
    domain = Domain.objects.filter(name=journey.sender_domain).first()
    return [
        ExplainedLevel(
            f"Routes of account {account}" if account else "Routes of the account",
            reverse("admin:mail_account_change", args=[journey.account_id]) if journey.account_id else "",
            rules[Level.ACCOUNT],
            "It has none." if account else "No account was given.",
        ),
        ExplainedLevel(
            f"Routes of domain {journey.sender_domain}" if domain else "Routes of the sender’s domain",
            reverse("admin:mail_domain_change", args=[domain.pk]) if domain else "",
            rules[Level.DOMAIN],
            "It has none." if domain else "The sender’s domain is not one of this server.",
        ),
        ExplainedLevel(
            "Global routes",
            reverse("admin:delivery_route_changelist"),
            rules[Level.GLOBAL],
            "There are none.",
        ),
    ]
