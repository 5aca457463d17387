from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Receiving, queueing and sending mail."""

    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what delivery adds to snapshots and to periodic jobs."""
        import delivery.mtasts.refreshing
        import delivery.outgoing_limits.pruning
        import delivery.queue.holding_operations
        import delivery.queue.pruning
        import delivery.quotas.warning
        import delivery.tlsresults.recording  # noqa: F401 - they register their jobs
        from delivery.configuration.sections import register
        from delivery.queue import senders

        register()
        senders.register()
