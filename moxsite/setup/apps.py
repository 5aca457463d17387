from django.apps import AppConfig


class SetupConfig(AppConfig):
    """Setting up an installation, and looking after what it needs in DNS."""

    name = "moxsite.setup"
    label = "setup"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on."""
        from mail.periodic.registry import jobs_in

        jobs_in("moxsite.setup.watching")
