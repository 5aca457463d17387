"""Which page of the admin shows which rows."""

from django.contrib import admin

from delivery.models import HoldRule, QueuedMessage, QueuedRecipient, Route, Suppression, Transport
from mail.models import Account, Alias, Domain, Login, LoginAttempt, LogLevel
from moxsite.admin.accounts import AccountAdmin
from moxsite.admin.aliases import AliasAdmin
from moxsite.admin.audit_log import AuditEntryAdmin
from moxsite.admin.domains import DomainAdmin
from moxsite.admin.hold_rules import HoldRuleAdmin
from moxsite.admin.log_levels import LogLevelAdmin
from moxsite.admin.login_attempts import LoginAttemptAdmin
from moxsite.admin.logins import LoginAdmin
from moxsite.admin.queue import QueueAdmin
from moxsite.admin.queued_message import QueuedMessageAdmin
from moxsite.admin.routes import RouteAdmin
from moxsite.admin.suppressions import SuppressionAdmin
from moxsite.admin.transports import TransportAdmin
from moxsite.models import AuditEntry


def register_pages(site: admin.AdminSite) -> None:
    """Put all pages on the site."""
    site.register(Domain, DomainAdmin)
    site.register(Account, AccountAdmin)
    site.register(Alias, AliasAdmin)
    site.register(Login, LoginAdmin)
    site.register(LoginAttempt, LoginAttemptAdmin)
    site.register(Transport, TransportAdmin)
    site.register(Route, RouteAdmin)
    site.register(QueuedRecipient, QueueAdmin)
    site.register(QueuedMessage, QueuedMessageAdmin)
    site.register(HoldRule, HoldRuleAdmin)
    site.register(Suppression, SuppressionAdmin)
    site.register(LogLevel, LogLevelAdmin)
    site.register(AuditEntry, AuditEntryAdmin)
