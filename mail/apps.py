from django.apps import AppConfig


class MailConfig(AppConfig):
    """Identity, addresses, configuration and the store."""

    name = "mail"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what mail adds to snapshots."""
        import mail.periodic.sweeping  # noqa: F401 - registers its job
        from mail.configuration.sections import register

        register()
