"""Earlier configurations: what changed with each, and making one current again."""

from pathlib import Path
from typing import Any, Final

from django.contrib import admin, messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods, require_safe

from moxsite.admin.saying import say_when_used
from moxsite.configfile import (
    ApplyFailed,
    ConfigurationChanged,
    Plan,
    apply_plan,
    make_plan,
    queue_effects,
)
from moxsite.history.comparing import compare
from moxsite.history.keeping import keep_version
from moxsite.models import AuditEntry, ConfigurationVersion
from moxsite.pages.cursor import HIGHEST

_PAGE: Final = 50
_NAMED: Final = 20


@require_safe
def history_page(request: HttpRequest) -> HttpResponse:
    """The versions, newest first."""
    versions = ConfigurationVersion.objects.defer("packed")
    page = Paginator(versions, _PAGE).get_page(request.GET.get("p"))
    context = {**admin.site.each_context(request), "title": "Configuration history", "page": page}
    return TemplateResponse(request, "admin/history.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def version_page(request: HttpRequest, generation: int) -> HttpResponse:
    """One version: against the one before it, and what making it current would change; and doing that."""
    version = get_object_or_404(ConfigurationVersion, generation=min(generation, HIGHEST))
    plan = _plan(version)
    if request.method == "POST" and plan is not None and not plan.problems:
        if _restore(request, version, plan):
            return redirect("admin:configuration_history")
        plan = _plan(version)
    earlier = ConfigurationVersion.objects.filter(generation__lt=version.generation).first()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"Configuration, generation {version.generation}",
        "version": version,
        "earlier": earlier,
        "lines": compare(earlier.text if earlier else "", version.text),
        "entries": _entries(earlier, version),
        "plan": plan,
        "queue_effects": queue_effects(plan) if plan is not None and not plan.problems else [],
    }
    return TemplateResponse(request, "admin/history_version.html", context)


def _plan(version: ConfigurationVersion) -> Plan | None:
    """What `config apply` would do with it. None when the configuration changes too fast to tell."""
    try:
        return make_plan(version.text.encode(), Path())
    except ConfigurationChanged:
        return None


def _restore(request: HttpRequest, version: ConfigurationVersion, plan: Plan) -> bool:
    if request.POST.get("generation") != str(plan.generation):
        messages.warning(request, "The configuration was changed meanwhile. Look at the changes once more.")
        return False
    try:
        keep_version()  # so that there is a way back, also where no worker runs
        apply_plan(plan)
        keep_version()
    except ConfigurationChanged:
        messages.warning(request, "The configuration was changed meanwhile. Look at the changes once more.")
        return False
    except ApplyFailed as error:
        messages.error(request, f"Nothing was changed. {error}")
        return False
    text = f"The configuration is that of generation {version.generation} again. Passwords stayed."
    say_when_used(request, text)
    return True


def _entries(earlier: ConfigurationVersion | None, version: ConfigurationVersion) -> list[AuditEntry]:
    """Who made it what it is, as far as the audit log knows.

    What is no part of a configuration, such as a password, is logged with the generation there is: what came
    after the version was kept has not made it.
    """
    entries = AuditEntry.objects.filter(generation__lte=version.generation, moment__lte=version.moment)
    if earlier is not None:
        entries = entries.filter(generation__gt=earlier.generation)
    return list(entries[:_NAMED])
