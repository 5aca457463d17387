"""Pages for rows that the program writes."""

from typing import Any

from django.http import HttpRequest

from moxsite.admin.base import ConfigurationAdmin


class ReadOnlyAdmin(ConfigurationAdmin):
    """To look at, for admins too."""

    list_display_links = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """See the class."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """See the class."""
        return False
