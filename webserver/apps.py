from django.apps import AppConfig


class WebserverConfig(AppConfig):
    """Serving websites."""

    name = "webserver"
    default_auto_field = "django.db.models.BigAutoField"
