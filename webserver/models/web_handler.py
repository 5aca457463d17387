from collections.abc import Mapping

from django.core.exceptions import NON_FIELD_ERRORS
from django.db import models

from mail.configuration.rules.problem import FieldProblem
from mail.configuration.validated import Validated, refuse
from mail.models.fields import StringListField
from webserver.configuration.rules import read_handler
from webserver.configuration.values import HandlerValue

_OWN = ("name", "domain", "path", "kind", "allow_networks", "rate_per_minute", "settings")


class WebHandler(Validated):
    """One entry of the list that is asked, in the order of `position`, who answers a request."""

    position = models.PositiveIntegerField(default=0)
    name = models.CharField(max_length=64, blank=True)
    domain = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    disabled = models.BooleanField(default=False)
    dont_redirect_plain_http = models.BooleanField(default=False)
    compress = models.BooleanField(default=False)
    kind = models.CharField(max_length=20)
    settings = models.JSONField(default=dict, blank=True)
    verifiers = models.JSONField(default=dict, blank=True)
    """By user, what is kept of the password for basic authentication (webserver.passwords)."""
    allow_networks = StringListField()
    rate_per_minute = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "id"]

    def __str__(self) -> str:
        return self.value.label

    @property
    def value(self) -> HandlerValue:
        """The handler as a value."""
        return HandlerValue(
            kind=self.kind,
            domain=self.domain,
            path=self.path,
            settings=self.settings,
            name=self.name,
            disabled=self.disabled,
            dont_redirect_plain_http=self.dont_redirect_plain_http,
            compress=self.compress,
            users=tuple(sorted(self.verifiers)),
            allow_networks=tuple(self.allow_networks),
            rate_per_minute=self.rate_per_minute,
        )

    _changed_users: tuple[str, ...] = ()

    def set_verifiers(self, verifiers: Mapping[str, str]) -> None:
        """Who may come in from the next `save` on, by what checks their passwords."""
        self._changed_users = tuple(
            user for user in sorted(verifiers) if verifiers[user] != self.verifiers.get(user)
        )
        self.verifiers = dict(verifiers)

    def changing_secrets(self) -> tuple[str, ...]:
        """The passwords that are others than before."""
        return tuple(f"password of {user}" for user in self._changed_users)

    def take(self, value: HandlerValue) -> None:
        """Become this value. The users are those who have verifiers."""
        self.kind, self.domain, self.path = value.kind, value.domain, value.path
        self.settings, self.name, self.disabled = dict(value.settings), value.name, value.disabled
        self.dont_redirect_plain_http = value.dont_redirect_plain_http
        self.compress = value.compress
        self.allow_networks = list(value.allow_networks)
        self.rate_per_minute = value.rate_per_minute

    def clean(self) -> None:
        """The handler can be used; domain and networks are stored in their one spelling."""
        read = read_handler(self.value, is_new=True)
        found = []
        for problem in read.problems:
            field, _, setting = problem.field.partition(".")
            message = f"{setting}: {problem.message}" if setting else problem.message
            found.append(FieldProblem(field if field in _OWN else NON_FIELD_ERRORS, message))
        refuse(found)
        self.take(read.value)
