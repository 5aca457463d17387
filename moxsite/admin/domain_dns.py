"""The DNS records of a domain: what to publish, what is published, and what would be if."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from mail.addresses.domain import display_domain
from mail.configuration.snapshot import InvalidConfiguration
from mail.models import Domain
from moxsite.pages.cursor import HIGHEST
from moxsite.pages.words import Chip
from moxsite.setup.dnscheck.whatif import UnreadableZone
from moxsite.setup.domain_check import check_pasted_zone
from moxsite.setup.keeping import check_and_keep
from moxsite.setup.knowing import facts_of
from moxsite.setup.models import DomainCheck
from moxsite.setup.needs.wanted import wanted, zone_text


@require_safe
def dns_page(request: HttpRequest) -> HttpResponse:
    """All domains, with what their last check found."""
    kept = {row.domain_id: row for row in DomainCheck.objects.all()}
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": "DNS",
        "domains": [
            {"name": display_domain(domain.name), "url": domain_dns_url(domain), "kept": kept.get(domain.pk),
             "chip": check_chip(kept.get(domain.pk))}
            for domain in Domain.objects.order_by("name")
        ],
    }  # fmt: skip
    return TemplateResponse(request, "admin/dns.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def domain_dns_page(request: HttpRequest, domain_id: int) -> HttpResponse:
    """Records and the last check; a POST checks anew, or a pasted zone."""
    domain = get_object_or_404(Domain, pk=min(domain_id, HIGHEST))
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": f"DNS of {display_domain(domain.name)}",
        "domain": domain,
        "zone": request.POST.get("zone", ""),
        "whole": "whole" in request.POST,
        "problems": {},
    }
    try:
        if request.method == "POST" and "zone" not in request.POST:
            check_and_keep(domain)
            return redirect(domain_dns_url(domain) + "#check")
        if request.method == "POST":
            _check_pasted(domain, context)
        context["groups"] = wanted(facts_of(domain))
        context["zone_text"] = zone_text(facts_of(domain))
    except InvalidConfiguration as error:
        context["problems"]["configuration"] = f"The configuration can’t be used: {error}"
    kept = DomainCheck.objects.filter(domain=domain).first()
    context["kept"], context["chip"] = kept, check_chip(kept)
    context["sections"] = _shown(kept.report) if kept is not None else []
    return TemplateResponse(request, "admin/domain_dns.html", context)


def domain_dns_url(domain: Domain) -> str:
    """Where the records of the domain are."""
    return reverse("admin:mail_domain_dns", args=[domain.pk])


def check_chip(kept: DomainCheck | None) -> Chip:
    """The state of a domain's records in a word."""
    if kept is None:
        return Chip("not checked", "grey")
    if kept.errors:
        return Chip("errors", "red")
    return Chip("warnings", "amber") if kept.warnings else Chip("in order", "green")


def _check_pasted(domain: Domain, context: dict[str, Any]) -> None:
    if not context["zone"].strip():
        context["problems"]["zone"] = "Paste the records that you think of publishing."
        return
    try:
        report = check_pasted_zone(domain, context["zone"], whole=context["whole"])
    except UnreadableZone as error:
        context["problems"]["zone"] = str(error)
        return
    context["what_if"] = _shown(report.as_json())
    context["what_if_errors"] = report.error_count
    context["what_if_warnings"] = report.warning_count


def _shown(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The sections with each finding's text apart from its records; those with errors first."""
    sections = [
        {
            "name": section["name"],
            "chip": _section_chip(section),
            "findings": [
                {"kind": kind, "text": text.partition("\n")[0], "records": text.partition("\n")[2]}
                for kind, level in (("error", "errors"), ("warning", "warnings"), ("info", "instructions"))
                for text in section[level]
            ],
        }
        for section in report.get("sections", [])
    ]
    return sorted(sections, key=lambda section: ("red", "amber", "green").index(section["chip"].colour))


def _section_chip(section: dict[str, Any]) -> Chip:
    if section["errors"]:
        return Chip("error", "red")
    return Chip("warning", "amber") if section["warnings"] else Chip("in order", "green")
