"""Domains: which addresses they have, and who gets mail for any address of theirs."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mail.addresses.domain import display_domain
from mail.models import Domain
from moxsite.admin.addresses_of_domain import addresses_of
from moxsite.admin.base import ConfigurationAdmin
from moxsite.admin.dkim_keys import domain_keys_url, keys_of
from moxsite.admin.domain_dns import check_chip
from moxsite.admin.preview import PreviewsEffects
from moxsite.admin.routes import RouteInline
from moxsite.admin.try_address import try_address
from moxsite.pages.words import Chip
from moxsite.setup.models import DomainCheck
from moxsite.templatetags.words import chip_tag


class DomainAdmin(PreviewsEffects, ConfigurationAdmin):
    """A domain with its routes; its addresses are kept with the accounts that own them."""

    change_form_template = "admin/domain.html"
    list_display = ("readable_name", "state", "address_count", "alias_count", "localpart_separators_text")
    search_fields = ("name",)
    fieldsets = (
        (None, {"fields": ("name", "localpart_separators", "localpart_case_sensitive", "disabled")}),
        ("Forged senders", {"fields": ("dmarc_reject",)}),
    )
    inlines = (RouteInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Domain]:
        """Domains with how many addresses and aliases they have."""
        counts = {
            "address_total": Count("destinations", distinct=True),
            "alias_total": Count("aliases", distinct=True),
        }
        found: QuerySet[Domain] = super().get_queryset(request).annotate(**counts)
        return found

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The form, the addresses, and the box to try an address in."""
        domain = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if domain is not None:
            context["addresses"] = addresses_of(domain)
            context["dkim_keys"] = keys_of(domain)
            context["dns_chip"] = chip_tag(check_chip(DomainCheck.objects.filter(domain=domain).first()))
            context["trial"] = try_address(request.GET.get("try", ""), domain)
        return super().change_view(request, object_id, form_url, context)

    def response_add(
        self, request: HttpRequest, obj: Domain, post_url_continue: str | None = None
    ) -> HttpResponse:
        """After a new domain its own page, where the button is that makes its keys."""
        response = super().response_add(request, obj, post_url_continue)
        if "_save" in request.POST and response.status_code == 302:
            response.headers["Location"] = domain_keys_url(obj)
        return response

    @admin.display(description="Domain", ordering="name")
    def readable_name(self, domain: Domain) -> str:
        """The name with international characters."""
        shown = display_domain(domain.name)
        return (
            shown if shown == domain.name else format_html('<span title="{}">{}</span>', domain.name, shown)
        )

    @admin.display(description="State", ordering="disabled")
    def state(self, domain: Domain) -> SafeString:
        """Whether it takes part in mail."""
        return chip_tag(Chip("disabled", "amber") if domain.disabled else Chip("in use", "green"))

    @admin.display(description="Addresses", ordering="address_total")
    def address_count(self, domain: Any) -> int:
        """How many addresses accounts have there, the catchall included."""
        return int(domain.address_total)

    @admin.display(description="Aliases", ordering="alias_total")
    def alias_count(self, domain: Any) -> int:
        """How many aliases there are."""
        return int(domain.alias_total)

    @admin.display(description="Separators")
    def localpart_separators_text(self, domain: Domain) -> str:
        """What divides a localpart from what is ignored in it."""
        return " ".join(domain.localpart_separators) or "–"
