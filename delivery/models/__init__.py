"""Transports, routes and the queue."""

from delivery.models.attempt import Attempt
from delivery.models.queued import QueuedMessage, QueuedRecipient, State
from delivery.models.route import Route
from delivery.models.transport import Transport
from delivery.models.worker import RoleLease, Worker

__all__ = [
    "Attempt",
    "QueuedMessage",
    "QueuedRecipient",
    "RoleLease",
    "Route",
    "State",
    "Transport",
    "Worker",
]
