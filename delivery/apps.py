from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Receiving, queueing and sending mail."""

    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"
