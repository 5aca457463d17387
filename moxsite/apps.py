from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MoxsiteConfig(AppConfig):
    """The program itself: settings, commands, pages."""

    name = "moxsite"

    def ready(self) -> None:
        import moxsite.acme.jobs
        import moxsite.audit.pruning
        import moxsite.checks
        import moxsite.history.pruning  # noqa: F401 - they register checks and jobs
        from moxsite.audit.watching import watch_configuration
        from moxsite.logs.configured import follow_configured_levels

        follow_configured_levels()
        watch_configuration()


class MoxsiteAdminConfig(AdminConfig):
    """Django's admin with our own site."""

    default_site = "moxsite.admin.site.MoxsiteAdminSite"
