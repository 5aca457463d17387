from django.apps import AppConfig
from django.conf import settings

from mail import clock


class MailConfig(AppConfig):
    """Identity, addresses, configuration and the store."""

    name = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what mail adds to snapshots and to periodic jobs."""
        from mail.configuration import certificates, dkim
        from mail.configuration.sections import register
        from mail.identity import mechanisms
        from mail.periodic.registry import jobs_in

        jobs_in("mail.guard.pruning", "mail.periodic.indexing", "mail.periodic.sweeping")
        register()
        mechanisms.register()
        dkim.register()
        certificates.register()
        if settings.TEST_MODE:
            clock.follow(settings.DATA / "run" / "clock")
