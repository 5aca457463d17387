"""The views that serve what DNS advises, at the hosts that it is for; elsewhere the paths don't exist."""

from collections.abc import Container

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.http.request import split_domain_port
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from mail.addresses.address import Address
from mail.addresses.domain import AddressError
from mail.addresses.parse import parse_address
from mail.configuration.sections import HostedDomains
from mail.configuration.snapshot import InvalidConfiguration
from mail.configuration.snapshots import snapshots
from moxsite.setup.knowing import mail_host_names
from moxsite.setup.needs.facts import Facts, Host
from moxsite.setup.needs.mta_sts import policy_text
from moxsite.setup.served.apple import apple_profile
from moxsite.setup.served.hosts import policy_domain, settings_domain
from moxsite.setup.served.outlook import UnreadableRequest, autodiscover, requested_address
from moxsite.setup.served.settings import ClientSettings
from moxsite.setup.served.thunderbird import autoconfig

_LONGEST_REQUEST = 64 * 1024


@require_safe
def mta_sts_view(request: HttpRequest) -> HttpResponse:
    """The MTA-STS policy, at mta-sts.DOMAIN (RFC 8461 section 3.3)."""
    domain = policy_domain(_host(request), _domains())
    if domain is None:
        raise Http404
    text = policy_text(Facts(domain, tuple(map(Host, mail_host_names()))))
    return _fresh(HttpResponse(text, content_type="text/plain; charset=utf-8"))


@require_safe
def autoconfig_view(request: HttpRequest) -> HttpResponse:
    """Settings for Thunderbird; with ?emailaddress= for one address."""
    domain = _settings_domain(request)
    address = request.GET.get("emailaddress", "")
    if not address and not domain:
        return HttpResponseBadRequest("Say for which address: ?emailaddress=you@example.org", "text/plain")
    try:
        found = _settings(domain, address)
    except AddressError as error:
        return _bad_address(error)
    return _fresh(HttpResponse(autoconfig(found), content_type="application/xml; charset=utf-8"))


@csrf_exempt
@require_POST
def autodiscover_view(request: HttpRequest) -> HttpResponse:
    """Settings for Outlook, which names the address in its request."""
    domain = _settings_domain(request)
    body = request.read(_LONGEST_REQUEST)
    try:
        found = _settings(domain, requested_address(body))
    except AddressError as error:
        return _bad_address(error)
    except UnreadableRequest as error:
        return HttpResponseBadRequest(str(error), "text/plain")
    return _fresh(HttpResponse(autodiscover(found), content_type="application/xml; charset=utf-8"))


@require_safe
def profile_view(request: HttpRequest) -> HttpResponse:
    """A profile for Apple devices; ?addresses= names the address, ?name= its owner."""
    domain = _settings_domain(request)
    address = request.GET.get("addresses", "").partition(",")[0]
    try:
        found = _settings(domain, address, request.GET.get("name", ""))
    except AddressError as error:
        return _bad_address(error)
    if not found.address:
        return HttpResponseBadRequest("Say for which address: ?addresses=you@example.org", "text/plain")
    response = HttpResponse(apple_profile(found), content_type="application/x-apple-aspen-config")
    response["Content-Disposition"] = f'attachment; filename="{found.domain}.mobileconfig"'
    return _fresh(response)


def _settings(domain: str, text: str, full_name: str = "") -> ClientSettings:
    """For an address of the domain that the host is for, or of any domain here. Raises AddressError."""
    printable = "".join(character for character in full_name if character.isprintable())[:200]
    if not text:
        return ClientSettings(domain, settings.MOXSITE_HOSTNAME, full_name=printable)
    address: Address = parse_address(text)
    if address.domain != domain and (domain or address.domain not in _domains()):
        raise AddressError("the address is of another domain")
    return ClientSettings(address.domain, settings.MOXSITE_HOSTNAME, str(address), printable)


def _settings_domain(request: HttpRequest) -> str:
    domain = settings_domain(_host(request), settings.MOXSITE_HOSTNAME, _domains())
    if domain is None:
        raise Http404
    return domain


def _domains() -> Container[str]:
    """Those whose mail is taken. Nobody finds out about others."""
    try:
        hosted = snapshots().refresh_now().section(HostedDomains)
    except InvalidConfiguration:
        return ()
    return {name for name, rules in hosted.by_name.items() if not rules.disabled}


def _host(request: HttpRequest) -> str:
    host, _ = split_domain_port(request.get_host())
    return host


def _fresh(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _bad_address(error: AddressError) -> HttpResponse:
    return HttpResponseBadRequest(f"This is no address of this server: {error}.", "text/plain")
