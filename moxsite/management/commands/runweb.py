"""manage.py runweb"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mail.configuration.snapshots import snapshots
from mail.guard.guard import stop_guard
from mail.metrics.reporting import report_metrics
from mail.process.inherited import take_inherited_sockets
from mail.process.listening import CannotListen
from moxsite.checks import TAG
from moxsite.logs.output import log_uncaught_exceptions
from moxsite.supervisor.roles import PAGES_SOCKET, ROLES
from moxsite.supervisor.serve import open_sockets
from moxsite.webprocess import UnusableCertificate, serve_pages


class Command(BaseCommand):
    requires_system_checks = [TAG]
    help = "Answers on the web ports. serve starts it; alone it opens the ports itself."

    def handle(self, *args: Any, **options: Any) -> None:
        log_uncaught_exceptions()
        report_metrics(settings.DATA / "run" / "metrics", "web")
        try:
            sockets = take_inherited_sockets()
            if sockets is None:
                roles = [role for role in ROLES if PAGES_SOCKET in role.services]
                sockets = open_sockets(
                    roles, settings.MOXSITE_IPS, settings.MOXSITE_PORT_OFFSET, settings.DATA
                )
            snapshots().watch()
            serve_pages(sockets, settings.TLS_CERTIFICATE, settings.TLS_KEY)
        except (CannotListen, UnusableCertificate) as error:
            raise CommandError(str(error)) from error
        finally:
            stop_guard()
