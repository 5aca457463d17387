"""The web configuration as the database has it."""

import json
from hashlib import sha256

from webserver.configuration.values import WebConfiguration
from webserver.models import DomainRedirect, WebHandler


def stored_web(rows: list[WebHandler] | None = None) -> WebConfiguration:
    """Redirects and handlers. `rows` are those of the handlers, if they are at hand."""
    redirects = dict(DomainRedirect.objects.values_list("from_domain", "to_domain"))
    found = list(WebHandler.objects.all()) if rows is None else rows
    return WebConfiguration(redirects, tuple(row.value for row in found))


def web_digest(redirects: dict[str, str], rows: list[WebHandler]) -> str:
    """What tells one state of the web configuration from all others, passwords included."""
    handlers = [
        [row.pk, row.kind, row.domain, row.path, row.settings, row.name, row.disabled, row.verifiers,
         row.dont_redirect_plain_http, row.compress, row.allow_networks, row.rate_per_minute]
        for row in rows
    ]  # fmt: skip
    text = json.dumps([redirects, handlers], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:32]
