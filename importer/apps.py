from django.apps import AppConfig


class ImporterConfig(AppConfig):
    """Bringing mail in from elsewhere."""

    name = "importer"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what the importer adds to periodic jobs."""
        from mail.periodic.registry import jobs_in

        jobs_in("importer.cleaning")
