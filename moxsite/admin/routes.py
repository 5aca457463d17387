"""Routes: which mail leaves by which transport."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.decorators import method_decorator
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST

from delivery.models import Route
from moxsite.admin.base import ConfigurationAdmin, ConfigurationInline
from moxsite.admin.preview import PreviewsEffects, check_effects, previewed
from moxsite.admin.route_form import RouteForm
from moxsite.admin.route_order import move_route


def move_buttons(route: Route) -> SafeString:
    """Two buttons that move a route. They work inside any form of the page, without JavaScript."""
    if route._state.adding:
        return mark_safe("")
    urls = {way: reverse("admin:delivery_route_move", args=[route.pk, way]) for way in ("up", "down")}
    return mark_safe(render_to_string("admin/move_buttons.html", {"urls": urls, "route": route}))


class RouteInline(ConfigurationInline):
    """The routes of a domain or of an account, in their order."""

    model = Route
    form = RouteForm
    extra = 0
    fields = ("order", "from_domains", "to_domains", "minimum_attempts", "transport")
    readonly_fields = ("order",)
    ordering = ("position", "id")

    @admin.display(description="Order")
    def order(self, route: Route) -> SafeString:
        """Buttons to move it."""
        return move_buttons(route)


class RouteAdmin(PreviewsEffects, ConfigurationAdmin):
    """The global routes in their order. Those of domains and accounts stand on their pages."""

    form = RouteForm
    list_display = ("order", "senders", "recipients", "from_attempt", "transport")
    list_display_links = ("senders",)
    list_select_related = ("transport",)
    sortable_by = ()
    ordering = ("position", "id")
    fields = ("from_domains", "to_domains", "minimum_attempts", "transport")
    change_list_template = "admin/routes.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Route]:
        """The list has the global ones; a form may be asked for any."""
        found: QuerySet[Route] = super().get_queryset(request)
        match = request.resolver_match
        if match is not None and match.url_name == "delivery_route_changelist":
            found = found.filter(account=None, domain=None)
        return found

    def get_urls(self) -> list[URLPattern]:
        """With the URLs that move a route."""
        move = path(
            "<int:route_id>/move/<str:direction>/",
            self.admin_site.admin_view(self.move),
            name="delivery_route_move",
        )
        return [move, *super().get_urls()]

    @method_decorator(require_POST)
    def move(self, request: HttpRequest, route_id: int, direction: str) -> HttpResponse:
        """Move a route one place and go back to the page that lists it."""
        route = Route.objects.filter(pk=route_id).first()
        if route is None or (direction != "up" and direction != "down"):
            raise Http404
        listed = _list_with(route)

        def move() -> HttpResponse:
            move_route(route, "up" if direction == "up" else "down")
            check_effects(request)
            messages.success(request, f"Moved {direction}: {route}.")
            return redirect(listed)

        return previewed(request, move, back=listed)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with links to the routes that are walked before it."""
        others = {
            "domains_with_routes": _owners("domain"),
            "accounts_with_routes": _owners("account"),
        }
        return super().changelist_view(request, {**others, **(extra_context or {})})

    @admin.display(description="Order")
    def order(self, route: Route) -> SafeString:
        """Buttons to move it."""
        return move_buttons(route)

    @admin.display(description="From")
    def senders(self, route: Route) -> str:
        """Whose mail."""
        return ", ".join(route.from_domains) or "anybody"

    @admin.display(description="To")
    def recipients(self, route: Route) -> str:
        """Where to."""
        return ", ".join(route.to_domains) or "anywhere"

    @admin.display(description="From attempt")
    def from_attempt(self, route: Route) -> int:
        """The first attempt it applies to, counted from 1."""
        return max(route.minimum_attempts, 0) + 1


def _list_with(route: Route) -> str:
    """The page that lists a route."""
    if route.domain_id is not None:
        return reverse("admin:mail_domain_change", args=[route.domain_id])
    if route.account_id is not None:
        return reverse("admin:mail_account_change", args=[route.account_id])
    return reverse("admin:delivery_route_changelist")


def _owners(kind: str) -> list[tuple[int, str]]:
    """Domains or accounts that have routes of their own, with their ids."""
    rows = Route.objects.filter(**{f"{kind}__isnull": False})
    names = rows.order_by(f"{kind}__name").values_list(f"{kind}_id", f"{kind}__name").distinct()
    return [(int(key), str(name)) for key, name in names[:100]]
