from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class MoxsiteConfig(AppConfig):
    """The program itself: settings, commands, pages."""

    name = "moxsite"

    def ready(self) -> None:
        import moxsite.checks  # noqa: F401 - registers the checks
        from moxsite.logs.configured import follow_configured_levels

        follow_configured_levels()


class MoxsiteAdminConfig(AdminConfig):
    """Django's admin with our own site."""

    default_site = "moxsite.admin.site.MoxsiteAdminSite"
