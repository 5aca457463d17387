from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig


class MoxsiteConfig(AppConfig):
    """The program itself: settings, commands, pages."""

    name = "moxsite"

    def ready(self) -> None:
        import moxsite.checks  # noqa: F401 - it registers the checks
        from mail.periodic.registry import jobs_in
        from moxsite.audit.watching import watch_configuration
        from moxsite.logs.configured import follow_configured_levels

        jobs_in("moxsite.acme.jobs", "moxsite.audit.pruning", "moxsite.history.pruning")
        follow_configured_levels()
        watch_configuration()


class MoxsiteAdminConfig(SimpleAdminConfig):
    """Django's admin with our own site. Its pages are imported with the addresses of the pages process."""

    default_site = "moxsite.admin.site.MoxsiteAdminSite"
