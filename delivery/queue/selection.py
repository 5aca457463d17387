"""Which recipients of the queue are meant: the same filters for the admin and the command line."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import Final, TypeVar

from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Concat

from delivery.models import QueuedRecipient, State
from delivery.queue.when import FORMS, NoTime, parse_moment
from mail import clock
from mail.addresses.domain import AddressError, normalise_domain
from mail.addresses.literal import normalise_literal
from mail.addresses.parse import parse_address
from mail.models import Account

RECIPIENT: Final = ("localpart", "domain")
SENDER: Final = ("message__sender_localpart", "message__sender_domain")
ANY_STATE: Final = "any"
_YES_NO: Final = {"yes": True, "no": False}
_NULL_SENDER: Final = "<>"

C = TypeVar("C")


class WrongFilter(ValueError):
    """A filter that can't be read. The message names it and says how to write it."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Recipients for which all given filters hold; an empty one says nothing.

    `sender` and `recipient` are “@domain”, a whole address, or a piece of one; a sender may be “<>”. `held`
    is yes or no.
    `submitted` and `next_attempt` are “<” (before) or “>” (after) and a time, “now” alone means before now.
    `transport` is the one that an admin demanded. `state` is one of State, or “any”.
    """

    ids: tuple[int, ...] = ()
    account: str = ""
    sender: str = ""
    recipient: str = ""
    domain: str = ""
    held: str = ""
    submitted: str = ""
    next_attempt: str = ""
    transport: str = ""
    state: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing narrows it, so that everything is meant. A state alone narrows nothing."""
        return not any(getattr(self, field.name) for field in fields(self) if field.name != "state")


def find(selection: Selection) -> QuerySet[QueuedRecipient]:
    """The recipients meant, the next due first; without a state those that wait. Raises WrongFilter."""
    rows = QueuedRecipient.objects.select_related("message", "message__account")
    if not selection.state and not selection.ids:
        rows = rows.filter(state=State.WAITING)
    return narrow(rows, selection).order_by(F("due").asc(nulls_last=True), "id")


def narrow(rows: QuerySet[QueuedRecipient], selection: Selection) -> QuerySet[QueuedRecipient]:
    """Those of the rows for which all filters hold. Raises WrongFilter."""
    for condition in _conditions(selection):
        rows = rows.filter(condition)
    for pair, piece in ((SENDER, selection.sender), (RECIPIENT, selection.recipient)):
        if piece:
            rows = _with_address(rows, pair, piece)
    return rows


def _conditions(selection: Selection) -> Iterator[Q]:
    if selection.ids:
        yield Q(id__in=selection.ids)
    if selection.account:
        yield Q(message__account=account_named(selection.account))
    if selection.domain:
        yield Q(domain=stored_domain("domain", selection.domain))
    if selection.held:
        yield Q(held=_choice("held", selection.held, _YES_NO))
    if selection.submitted:
        yield _side("submitted", "message__accepted", selection.submitted)
    if selection.next_attempt:
        yield _side("next attempt", "due", selection.next_attempt)
    if selection.transport:
        yield Q(transport=selection.transport.strip())
    if selection.state and selection.state != ANY_STATE:
        yield Q(state=_choice("state", selection.state, {state.value: state.value for state in State}))


def account_named(name: str) -> Account:
    """The account with this name. Raises WrongFilter."""
    account = Account.objects.filter(name=name.strip().lower()).first()
    if account is None:
        raise WrongFilter(f"account: there is no account {name}")
    return account


def stored_domain(name: str, text: str) -> str:
    """A domain or address literal as it is stored. Raises WrongFilter, which names the filter."""
    bare = text.strip().removeprefix("@")
    try:
        return normalise_literal(bare) if bare.startswith("[") else normalise_domain(bare)
    except AddressError as error:
        raise WrongFilter(f"{name}: “{text}”: {error}") from None


def _choice(name: str, text: str, choices: dict[str, C]) -> C:
    try:
        return choices[text.strip().lower()]
    except KeyError:
        raise WrongFilter(f"{name}: “{text}” is none of {', '.join(choices)}") from None


def _side(name: str, column: str, text: str) -> Q:
    """Before or after a moment, which a duration counts from now."""
    said = text.strip()
    if said.lower() == "now":
        said = "<now"
    if said[:1] not in ("<", ">"):
        raise WrongFilter(f"{name}: “{text}”: begin with < for before or > for after, as in <1h")
    try:
        moment = parse_moment(said[1:], clock.now())
    except NoTime:
        raise WrongFilter(f"{name}: “{text}”: write < or > and {FORMS}") from None
    return Q(**{f"{column}__{'lte' if said[0] == '<' else 'gte'}": moment})


def _with_address(
    rows: QuerySet[QueuedRecipient], pair: tuple[str, str], text: str
) -> QuerySet[QueuedRecipient]:
    """Rows by one of their addresses. A whole address means itself: a piece could match others too."""
    localpart, domain = pair
    said = text.strip()
    if said == _NULL_SENDER:
        return rows.filter(**{localpart: "", domain: ""})
    if said.startswith("@"):
        return rows.filter(**{domain: stored_domain("address", said)})
    try:
        address = parse_address(said)
    except AddressError:
        pass
    else:
        if "." in address.domain or address.is_literal:
            return rows.filter(**{f"{localpart}__iexact": address.localpart, domain: address.domain})
    name = f"{localpart}_text".replace("__", "_")
    rows = rows.annotate(**{name: Concat(localpart, Value("@"), domain)})
    found = Q(**{f"{name}__icontains": said})
    try:
        found |= Q(**{domain: normalise_domain(said)})
    except AddressError:
        pass
    return rows.filter(found)
