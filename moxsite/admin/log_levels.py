"""How much is logged."""

from django.contrib import admin

from mail.models import LogLevel
from moxsite.admin.base import ConfigurationAdmin


class LogLevelAdmin(ConfigurationAdmin):
    """The level of all packages, and of single ones. Live within a second."""

    list_display = ("package_text", "level")
    fields = ("package", "level")

    @admin.display(description="Package", ordering="package")
    def package_text(self, level: LogLevel) -> str:
        """The package, or that it is the level of all others."""
        return level.package or "all others"
