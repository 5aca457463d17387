"""Filters of the queue's list: by state, and by a domain or account that is typed."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from delivery.models import QueuedRecipient, State
from mail import clock
from mail.addresses.domain import AddressError, normalise_domain

_STATES: Final = {
    "waiting": ("waiting", Q(state=State.WAITING, held=False)),
    "late": ("late", Q()),
    "held": ("held", Q(state=State.WAITING, held=True)),
    "delivered": ("delivered", Q(state=State.DELIVERED)),
    "failed": ("failed", Q(state=State.FAILED)),
    "dropped": ("dropped", Q(state=State.DROPPED)),
}


class StateFilter(admin.SimpleListFilter):
    """By state; a waiting recipient that is held is held, one that should have been tried is late too."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The states as words."""
        return [(key, word) for key, (word, _) in _STATES.items()]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueuedRecipient]
    ) -> QuerySet[QueuedRecipient]:
        """The rows in the chosen state."""
        chosen = self.value()
        if chosen == "late":
            due = Q(due__lt=clock.now() - 5 * clock.MINUTE)
            return queryset.filter(due, state=State.WAITING, held=False)
        return queryset.filter(_STATES[chosen][1]) if chosen in _STATES else queryset


class TypedFilter(admin.SimpleListFilter):
    """A filter whose value is typed, because a list of all values would be endless."""

    template = "admin/typed_filter.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        dropped = (self.parameter_name, "p")
        self.kept = [
            (key, value) for key in request.GET if key not in dropped for value in request.GET.getlist(key)
        ]

    def has_output(self) -> bool:
        """There is always something to type."""
        return True

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Nothing to choose from."""
        return [("", "")]

    def choices(self, changelist: Any) -> Any:
        """The one link: to the list without this filter."""
        yield {
            "selected": self.value() is None,
            "query_string": changelist.get_query_string(remove=[self.parameter_name]),
            "display": "All",
        }


class DomainFilter(TypedFilter):
    """By the domain of the recipient."""

    title = "recipient domain"
    parameter_name = "domain"

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueuedRecipient]
    ) -> QuerySet[QueuedRecipient]:
        """The rows of the typed domain; none for what is no domain."""
        typed = (self.value() or "").strip()
        if not typed:
            return queryset
        try:
            return queryset.filter(domain=normalise_domain(typed))
        except AddressError:
            return queryset.none()


class AccountFilter(TypedFilter):
    """By the account that submitted the message."""

    title = "account"
    parameter_name = "account"

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueuedRecipient]
    ) -> QuerySet[QueuedRecipient]:
        """The rows of the account with the typed name."""
        typed = (self.value() or "").strip().lower()
        return queryset.filter(message__account__name=typed) if typed else queryset
