"""What a snapshot holds of websites."""

from collections.abc import Mapping
from types import MappingProxyType

from django.conf import settings

from mail.configuration.snapshot import InvalidConfiguration, register_section
from mail.models import Domain
from webserver.configuration.rules import read_handler
from webserver.configuration.values import HandlerValue
from webserver.models import DomainRedirect, WebHandler
from webserver.routing.hosts import parse_host
from webserver.routing.values import BasicAuth, Handler, WebSnapshot, web_snapshot


def compile_web() -> WebSnapshot:
    """Redirects and handlers that are switched on.

    Raises InvalidConfiguration for a handler that can't be used: to leave it out would give its requests to
    another one.
    """
    redirects = dict(DomainRedirect.objects.values_list("from_domain", "to_domain"))
    handlers = tuple(map(compile_handler, WebHandler.objects.filter(disabled=False)))
    return web_snapshot(redirects, handlers, own_hosts(), _mail_domains())


def compile_handler(row: WebHandler) -> Handler:
    """The handler of a row. Raises InvalidConfiguration."""
    return compile_value(row.pk or 0, row.value, row.verifiers)


def compile_value(number: int, value: HandlerValue, verifiers: Mapping[str, str] | None = None) -> Handler:
    """The handler of a value with this id. Raises InvalidConfiguration."""
    read = read_handler(value)
    for problem in read.problems:
        raise InvalidConfiguration(f"web handler {value.label}: {problem.field}: {problem.message}")
    assert read.settings is not None
    return Handler(
        id=number,
        name=value.label,
        domain=read.value.domain,
        path=read.path,
        settings=read.settings,
        dont_redirect_plain_http=value.dont_redirect_plain_http,
        compress=value.compress,
        basic_auth=BasicAuth(MappingProxyType(dict(verifiers))) if verifiers else None,
        allow_networks=read.networks,
        rate_per_minute=value.rate_per_minute,
    )


def own_hosts() -> frozenset[str]:
    """The names at which account and admin pages are, beside all IP addresses."""
    return frozenset({parse_host(settings.MOXSITE_HOSTNAME).name, "localhost"} - {""})


def register() -> None:
    """Let snapshots have this section."""
    register_section(WebSnapshot, compile_web)


def _mail_domains() -> frozenset[str]:
    return frozenset(Domain.objects.filter(disabled=False).values_list("name", flat=True))
