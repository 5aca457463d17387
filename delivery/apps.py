from django.apps import AppConfig


class DeliveryConfig(AppConfig):
    """Receiving, queueing and sending mail."""

    name = "delivery"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Models exist from here on: tell what delivery adds to snapshots and to periodic jobs."""
        from delivery.configuration.sections import register
        from delivery.queue import senders
        from mail.periodic.registry import jobs_in

        jobs_in(
            "delivery.mtasts.refreshing",
            "delivery.outgoing_limits.pruning",
            "delivery.queue.holding_operations",
            "delivery.queue.pruning",
            "delivery.quotas.warning",
            "delivery.tlsresults.recording",
        )
        register()
        senders.register()
