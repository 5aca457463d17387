"""manage.py runsmtp"""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from delivery.reception.process import SERVICES, receive_mail
from delivery.smtp.server.limits import Limits
from mail.configuration.served_certificates import ServedCertificates
from mail.configuration.snapshot import InvalidConfiguration
from mail.configuration.snapshots import snapshots
from mail.metrics.reporting import report_metrics
from mail.process.inherited import service_sockets
from mail.process.listening import CannotListen
from mail.tls.errors import CertificateError


class Command(BaseCommand):
    help = "Takes mail in on the SMTP ports. serve starts it; alone it opens the ports itself."

    def handle(self, *args: Any, **options: Any) -> None:
        report_metrics(settings.DATA / "run" / "metrics", "smtp")
        try:
            certificates = ServedCertificates(
                settings.TLS_CERTIFICATE,
                settings.TLS_KEY,
                settings.MOXSITE_HOSTNAME,
                prefer_files=bool(settings.MOXSITE_TLS_CERT_FILE),
            )
            snapshots().on_change(certificates.configured)
            receive_mail(
                service_sockets(SERVICES, settings.MOXSITE_IPS, settings.MOXSITE_PORT_OFFSET),
                snapshots(),
                certificates,
                limits=Limits(message_size=settings.MOXSITE_MESSAGE_SIZE),
                hostname=settings.MOXSITE_HOSTNAME,
                run_folder=settings.DATA / "run",
                nameserver=settings.MOXSITE_RESOLVER,
                trusted_proxies=settings.MOXSITE_TRUSTED_PROXIES,
            )
        except CertificateError as error:
            text = f"The certificate can't be used: {error}. manage.py prepare makes one of our own."
            raise CommandError(text) from error
        except (CannotListen, InvalidConfiguration) as error:
            raise CommandError(str(error)) from error
