"""manage.py runweb"""

import argparse
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mail.configuration.snapshot import InvalidConfiguration
from mail.configuration.snapshots import snapshots
from mail.guard.guard import stop_guard
from mail.metrics.reporting import report_metrics
from mail.process.inherited import take_inherited_sockets
from mail.process.listening import CannotListen
from mail.tls.errors import CertificateError
from moxsite.acme.edge_answers import register_challenges
from moxsite.checks import TAG
from moxsite.logs.output import log_uncaught_exceptions
from moxsite.setup.served.registering import register_served
from moxsite.supervisor.roles import EDGE, PAGES
from moxsite.supervisor.web import open_web_sockets, supervise_web
from webserver.certificates import EdgeCertificates
from webserver.process import EdgeSurroundings, serve_edge
from webserver.recent.asked import run_folder


class Command(BaseCommand):
    requires_system_checks = [TAG]
    help = "Answers on the web ports: edge processes, and behind them the process of the pages."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--part", choices=(EDGE, PAGES), help="be only this one of the processes; serve starts them so"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        log_uncaught_exceptions()
        try:
            if options["part"] == EDGE:
                _serve_edge()
            elif options["part"] == PAGES:
                _serve_pages()
            else:
                raise SystemExit(supervise_web())
        except CertificateError as error:
            text = f"The certificate can't be used: {error}. manage.py prepare makes one of our own."
            raise CommandError(text) from error
        except (CannotListen, InvalidConfiguration) as error:
            raise CommandError(str(error)) from error


def _serve_edge() -> None:
    report_metrics(settings.DATA / "run" / "metrics", "edge")
    register_challenges()
    register_served()
    certificates = EdgeCertificates(
        settings.TLS_CERTIFICATE,
        settings.TLS_KEY,
        settings.MOXSITE_HOSTNAME,
        prefer_files=bool(settings.MOXSITE_TLS_CERT_FILE),
        http2=settings.MOXSITE_HTTP2,
    )
    sockets = take_inherited_sockets() or open_web_sockets(EDGE)
    surroundings = EdgeSurroundings(
        pages_socket=settings.DATA / "run" / "pages.sock",
        notes=run_folder(),
        trusted_proxies=settings.MOXSITE_TRUSTED_PROXIES,
        proxy_protocol=settings.MOXSITE_WEB_PROXY_PROTOCOL,
        log_format=settings.MOXSITE_LOG_FORMAT,
    )
    serve_edge(sockets, snapshots(), certificates, surroundings)


def _serve_pages() -> None:
    from moxsite.webprocess import serve_pages  # its reactor takes the event loop of the process

    report_metrics(settings.DATA / "run" / "metrics", "web")
    sockets = take_inherited_sockets() or open_web_sockets(PAGES)
    snapshots().watch()
    try:
        serve_pages(sockets)
    finally:
        stop_guard()
