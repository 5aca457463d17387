"""“Who would answer this URL?”, and “what was decided about the request with this id?”."""

from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import require_safe

from mail.configuration.snapshot import InvalidConfiguration, compile_snapshot
from webserver.explain.asking import asking
from webserver.explain.lines import answering
from webserver.explain.question import WrongQuestion, typed_request
from webserver.explain.rates import rate_line
from webserver.explain.surroundings import Moment, present
from webserver.recent.answered import find_answer
from webserver.recent.asked import run_folder
from webserver.recent.records import Answered
from webserver.routing.decision import Decision, decide
from webserver.routing.hosts import url_host
from webserver.routing.values import WebSnapshot

_NAMES: Final = ("url", "method", "header", "client", "id")


@dataclass(slots=True)
class UrlForm:
    """What was typed, and what is wrong with it."""

    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)


@require_safe
def explain_url_page(request: HttpRequest) -> HttpResponse:
    """The form, and below it every step with its reason. `?id=` looks up a request and asks about it."""
    form = UrlForm({name: request.GET.get(name, "").strip() for name in _NAMES})
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "Explain a URL", "form": form}
    if form.values["id"]:
        answered = find_answer(form.values["id"])
        context["answered"] = answered
        if answered is None:
            form.errors["id"] = "No request with this id is remembered."
        else:
            _fill_in(form.values, answered)
    decision = _decision(form) if form.values["url"] else None
    if decision is not None:
        context |= {"decision": decision[0], "answering": answering(decision[0]), "rates": decision[1].rates}
        context["rate_line"] = rate_line(decision[1].rates)
    return TemplateResponse(request, "admin/explain_url.html", context)


def _fill_in(values: dict[str, str], answered: Answered) -> None:
    values["url"] = f"{answered.scheme}://{url_host(answered.host)}{answered.target}"
    values["method"] = answered.method
    values["client"] = answered.client


def _decision(form: UrlForm) -> tuple[Decision, Moment] | None:
    values = form.values
    try:
        request = typed_request(
            values["url"],
            values["method"] or "GET",
            values["header"].splitlines(),
            values["client"],
            port_offset=settings.MOXSITE_PORT_OFFSET,
        )
        moment = present(run_folder(), request.client)
        return decide(compile_snapshot().section(WebSnapshot), request, asking(moment)), moment
    except WrongQuestion as error:
        form.errors[error.field] = str(error)
    except InvalidConfiguration as error:
        form.errors["url"] = f"The configuration can’t be used: {error}"
    return None
