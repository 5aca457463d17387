from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Receiving, queueing and sending mail."""

    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what delivery adds to snapshots."""
        from delivery.configuration.sections import register

        register()
