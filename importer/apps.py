from django.apps import AppConfig


class ImporterConfig(AppConfig):
    """Bringing mail in from elsewhere."""

    name = "importer"
    default_auto_field = "django.db.models.BigAutoField"
