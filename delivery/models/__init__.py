"""Transports, routes, the queue, and what is known of the hosts that mail goes to."""

from delivery.models.attempt import Attempt
from delivery.models.destination import DestinationPassage, DestinationSlot
from delivery.models.event import QueueEvent
from delivery.models.hold_rule import HoldRule
from delivery.models.outgoing_limit import KnownRecipient, LimitNotice, RecentRecipient
from delivery.models.queued import QueuedMessage, QueuedRecipient, State, TlsDemand
from delivery.models.route import Route
from delivery.models.suppression import Suppression
from delivery.models.tls_policy import MtaStsPolicy, TlsResult
from delivery.models.transport import Transport
from delivery.models.trouble import TransportTrouble
from delivery.models.worker import RoleLease, Worker

__all__ = [
    "Attempt",
    "DestinationPassage",
    "DestinationSlot",
    "HoldRule",
    "KnownRecipient",
    "LimitNotice",
    "MtaStsPolicy",
    "QueueEvent",
    "QueuedMessage",
    "QueuedRecipient",
    "RecentRecipient",
    "RoleLease",
    "Route",
    "State",
    "Suppression",
    "TlsDemand",
    "TlsResult",
    "Transport",
    "TransportTrouble",
    "Worker",
]
