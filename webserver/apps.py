from django.apps import AppConfig


class WebserverConfig(AppConfig):
    """Serving websites."""

    name = "webserver"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what websites add to snapshots."""
        from webserver.configuration import certificate_files
        from webserver.configuration.sections import register

        register()
        certificate_files.register()
