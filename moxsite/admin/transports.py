"""Transports: ways to hand mail to the next server."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db import transaction
from django.db.models import Count, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from delivery.configuration.proxies import in_use_text, named_proxy, transports_behind
from delivery.configuration.rules import find_kind
from delivery.models import Transport
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.preview import PreviewsEffects, check_effects
from moxsite.admin.transport_fields import KIND_FORMS
from moxsite.admin.transport_form import transport_form


class TransportAdmin(PreviewsEffects, ConfigurationAdmin):
    """A transport; its fields are those of its kind, which is chosen first."""

    change_form_template = "admin/transport.html"
    list_display = ("name", "kind_text", "target", "route_count")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Transport]:
        """Transports with how many routes use them."""
        found: QuerySet[Transport] = super().get_queryset(request).annotate(route_total=Count("routes"))
        return found

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """First the choice of a kind, then its form."""
        if _asked_kind(request) is not None:
            return super().add_view(request, form_url, self._kinds(request, None, extra_context))
        context = {
            **self.admin_site.each_context(request),
            "title": "Add a transport: which kind?",
            "opts": self.model._meta,
            "kinds": KIND_FORMS.values(),
        }
        return TemplateResponse(request, "admin/transport_kinds.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form; `?kind=` shows that of another kind, to change it."""
        row = self.get_object(request, object_id)
        return super().change_view(request, object_id, form_url, self._kinds(request, row, extra_context))

    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any
    ) -> type[ModelForm[Any]]:
        """The form of the kind."""
        kind = _kind(request, obj)
        form = transport_form(kind, has_password=obj is not None and obj.has_password)
        return super().get_form(request, obj, change=change, form=form, **options)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The fields of the kind in its order, the password where the kind has it."""
        kind = _kind(request, obj)
        form = transport_form(kind, has_password=obj is not None and obj.has_password)
        own: list[str] = []
        for field in form.kind_form.fields:
            own.append(field)
            if field == form.kind_form.password_after:
                own += [name for name in ("password", "remove_password") if name in form.base_fields]
        return ((None, {"fields": ("name", *own, "kind")}),)

    def get_deleted_objects(
        self, objs: Any, request: HttpRequest
    ) -> tuple[list[Any], dict[Any, Any], set[Any], list[Any]]:
        """What is deleted together. A transport that others are reached through is protected by them."""
        found, counts, missing, protected = super().get_deleted_objects(objs, request)
        going = {transport.pk for transport in objs}
        for transport in objs:
            staying = [other for other in transports_behind(transport.name) if other.pk not in going]
            if staying:
                protected.append(in_use_text(transport.name, staying))
        return found, counts, missing, protected

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Transport]) -> None:
        """Delete many, proxies after those that are reached through them."""
        with transaction.atomic():
            for transport in sorted(queryset, key=lambda each: not named_proxy(each.settings)):
                transport.delete()
            check_effects(request)

    def _kinds(
        self, request: HttpRequest, row: Transport | None, extra: dict[str, Any] | None
    ) -> dict[str, Any]:
        """What the template says about the kind, and which others there are."""
        kind = KIND_FORMS[_kind(request, row) or "direct"]
        others = [other for other in KIND_FORMS.values() if other is not kind]
        return {"kind_form": kind, "other_kinds": others, **(extra or {})}

    @admin.display(description="Kind", ordering="kind")
    def kind_text(self, transport: Transport) -> str:
        """The kind; without one it is direct."""
        return transport.kind or "direct"

    @admin.display(description="To")
    def target(self, transport: Transport) -> str:
        """The hosts it hands mail to, or the reply it gives."""
        kind = find_kind(transport.kind)
        return kind.target(transport.settings) if kind is not None else "–"

    @admin.display(description="Routes", ordering="route_total")
    def route_count(self, transport: Any) -> int:
        """How many routes use it."""
        return int(transport.route_total)


def _asked_kind(request: HttpRequest) -> str | None:
    """The kind in the form or in the address; None when there is none that exists."""
    asked = request.POST.get("kind", request.GET.get("kind"))
    return asked if asked in KIND_FORMS else None


def _kind(request: HttpRequest, row: Transport | None) -> str:
    """The kind that the form is for."""
    asked = _asked_kind(request)
    if asked is not None:
        return asked
    return row.kind if row is not None and row.kind in KIND_FORMS else ""
