"""Filters of the queue's list: by state, and what is typed, read as on the command line."""

from typing import Any, Final

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from delivery.models import QueuedRecipient, State
from delivery.queue.selection import Selection, WrongFilter, narrow
from mail import clock

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


TYPED: Final = {
    "account": ("Account", "alice"),
    "sender": ("Sender", "@example.org or a piece of an address"),
    "recipient": ("Recipient", "@example.net or a piece of an address"),
    "domain": ("Recipient domain", "example.net"),
    "submitted": ("Accepted", "<-1h: more than an hour ago"),
    "next_attempt": ("Next attempt", "<1h: within the hour"),
    "transport": ("Transport set by hand", "relay"),
}
"""Name of the filter in the address and in a Selection: its label, and how it is written."""


class TypedFilters(admin.ListFilter):
    """Filters that are typed, in one form, because a list of all values would be endless."""

    title = "more"
    template = "admin/queue_filters.html"

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        super().__init__(request, params, model, model_admin)
        for name in TYPED:
            typed = params.pop(name, [""])[-1].strip()
            if typed:
                self.used_parameters[name] = typed
        self.errors: dict[str, str] = {}
        dropped = (*TYPED, "p")
        self.kept = [
            (key, value) for key in request.GET if key not in dropped for value in request.GET.getlist(key)
        ]

    def has_output(self) -> bool:
        """There is always something to type."""
        return True

    def expected_parameters(self) -> list[str | None]:
        """What it takes from the address."""
        return list(TYPED)

    def choices(self, changelist: Any) -> Any:
        """The one link: to the list without these filters."""
        yield {
            "selected": not self.used_parameters,
            "query_string": changelist.get_query_string(remove=list(TYPED)),
            "display": "All",
        }

    @property
    def fields(self) -> list[dict[str, str]]:
        """What the form shows."""
        return [
            {
                "name": name,
                "label": label,
                "example": example,
                "value": str(self.used_parameters.get(name, "")),
                "error": self.errors.get(name, ""),
            }
            for name, (label, example) in TYPED.items()
        ]

    def queryset(
        self, request: HttpRequest, queryset: QuerySet[QueuedRecipient]
    ) -> QuerySet[QueuedRecipient]:
        """The rows for which all hold; none while one of them can't be read."""
        for name, typed in self.used_parameters.items():
            try:
                queryset = narrow(queryset, Selection(**{name: str(typed)}))  # type: ignore[arg-type]
            except WrongFilter as error:
                self.errors[name] = str(error)
        return queryset.none() if self.errors else queryset
