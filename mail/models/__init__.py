"""What the database holds of accounts, addresses, mailboxes and messages."""

from mail.models.account import Account, AccountCounters
from mail.models.alias import Alias, AliasMember
from mail.models.certificate import Certificate
from mail.models.content import Chunk, Content
from mail.models.destination import Destination
from mail.models.dkim_key import DkimKey
from mail.models.domain import Domain
from mail.models.event import Event
from mail.models.generation import Generation
from mail.models.limiter_count import LimiterCount
from mail.models.login import Credential, Login
from mail.models.login_attempt import LoginAttempt
from mail.models.loglevel import LogLevel
from mail.models.mailbox import Mailbox, SpecialUse
from mail.models.message import Flag, Message, Tombstone
from mail.models.periodic import PeriodicJob
from mail.models.search import SearchEntry, SearchProgress
from mail.models.sequence import Sequence

__all__ = [
    "Account",
    "AccountCounters",
    "Alias",
    "AliasMember",
    "Certificate",
    "Chunk",
    "Content",
    "Credential",
    "Destination",
    "DkimKey",
    "Domain",
    "Event",
    "Flag",
    "Generation",
    "LimiterCount",
    "LogLevel",
    "Login",
    "LoginAttempt",
    "Mailbox",
    "Message",
    "PeriodicJob",
    "SearchEntry",
    "SearchProgress",
    "Sequence",
    "SpecialUse",
    "Tombstone",
]
