"""The admin site: Django's, with our look, our login and our start page."""

from functools import wraps
from typing import Any, Final

from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse

_NEEDS_TWO_FACTOR: Final = "Admins of this server need two-factor. Set it up here; then the admin pages open."


class MoxsiteAdminSite(admin.AdminSite):
    """Where the server is configured and watched. Only logins marked as admin get in."""

    site_header = "moxsite admin"
    site_title = "moxsite admin"
    index_title = "Start"
    enable_nav_sidebar = False
    empty_value_display = "–"

    def __init__(self, name: str = "admin") -> None:
        """Make the site with its pages. They import models, so this happens when all apps are ready."""
        from moxsite.admin.pages import register_pages

        super().__init__(name)
        register_pages(self)

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Register models, except the groups of Django: an admin may do everything here."""
        from django.contrib.auth.models import Group

        models = model_or_iterable if isinstance(model_or_iterable, list | tuple) else [model_or_iterable]
        super().register([model for model in models if model is not Group], admin_class, **options)

    def get_urls(self) -> list[Any]:
        """With the pages that list no rows."""
        from moxsite.admin.backends import backends_page
        from moxsite.admin.certificates import certificates_page
        from moxsite.admin.dkim_keys import dkim_keys_page
        from moxsite.admin.domain_dns import dns_page, domain_dns_page
        from moxsite.admin.explain import explain_page
        from moxsite.admin.explain_url import explain_url_page
        from moxsite.admin.history import history_page, version_page
        from moxsite.admin.processes import processes_page
        from moxsite.admin.transport_test import transport_test_page
        from moxsite.admin.websites.page import websites_page
        from moxsite.admin.websockets import websockets_page

        test = "delivery/transport/<int:transport_id>/test/"
        keys = "mail/domain/<int:domain_id>/dkim/"
        return [
            path("explain/", self.admin_view(explain_page), name="explain"),
            path("websites/", self.admin_view(websites_page), name="websites"),
            path("websites/explain/", self.admin_view(explain_url_page), name="explain_url"),
            path(test, self.admin_view(transport_test_page), name="delivery_transport_test"),
            path("websockets/", self.admin_view(websockets_page), name="websockets"),
            path("backends/", self.admin_view(backends_page), name="backends"),
            path("dns/", self.admin_view(dns_page), name="dns"),
            path(
                "mail/domain/<int:domain_id>/dns/", self.admin_view(domain_dns_page), name="mail_domain_dns"
            ),
            path(keys, self.admin_view(dkim_keys_page), name="mail_domain_dkim"),
            path("certificates/", self.admin_view(certificates_page), name="certificates"),
            path("processes/", self.admin_view(processes_page), name="processes"),
            path("configuration/", self.admin_view(history_page), name="configuration_history"),
            path(
                "configuration/<int:generation>/",
                self.admin_view(version_page),
                name="configuration_history_version",
            ),
            *super().get_urls(),
        ]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """As Django's; but where two-factor is demanded of admins, whoever has none is led to it first."""
        from moxsite.pages.access import own_login
        from moxsite.second_factor.factors import factor_of, is_required

        inner = super().admin_view(view, cacheable)

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **options: Any) -> HttpResponse:
            login = own_login(request) if self.has_permission(request) else None
            if login is not None and is_required(login) and factor_of(login) is None:
                messages.warning(
                    request,
                    "Admins of this server need two-factor. Set it up here; then the admin pages open.",
                )
                return redirect("account-second-factor")
            response: HttpResponse = inner(request, *args, **options)
            return response

        return guarded

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """What every template of the admin knows."""
        from moxsite.admin.banner import notices
        from moxsite.admin.navigation import navigation

        context = super().each_context(request)
        if context["has_permission"]:
            context["navigation"] = navigation(request)
            context["banner"] = notices()
        return context

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The start page: what needs attention, figures, and a link to every page."""
        from moxsite.admin.start import start_context

        context = {
            **self.each_context(request),
            "title": self.index_title,
            "subtitle": None,
            **start_context(),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, "admin/index.html", context)

    def app_index(  # type: ignore[override]  # Django's shows a page
        self, request: HttpRequest, app_label: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Which package a page is of is nothing that anybody needs to know."""
        return redirect("admin:index")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Send to the one login page; whoever is logged in and no admin is told so."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        wanted = request.GET.get("next") or reverse("admin:index", current_app=self.name)
        return redirect_to_login(wanted, reverse("login"))

    def password_change(  # type: ignore[override]  # Django's redirects too
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Change the own password; for logins without an account, who have no account page."""
        from moxsite.admin.own_password import own_password

        return own_password(self, request)
