"""Trying moxsite out: nothing leaves the machine, the try-out account gets what would."""

from dataclasses import dataclass

from django.conf import settings

from delivery.configuration.sections import CompiledTransport
from delivery.smtp.client.failure import Stage
from delivery.smtp.client.results import Outcome, RecipientResult
from delivery.transports.group import DeliveryContext, Group, GroupResult
from delivery.transports.kind import Kind
from delivery.transports.settings import NoSettings
from mail.errors import Reply
from mail.models import Account

TRYOUT_ACCOUNT = "mox"

_REPLY = Reply(250, "2.0.0", "kept on this machine and delivered to the try-out account")


async def _deliver(settings: object, group: Group, context: DeliveryContext) -> GroupResult:
    return GroupResult(
        {
            (mail.key, address): RecipientResult(address, Outcome.DELIVERED, _REPLY, False, Stage.END)
            for mail in group.mails
            for address in mail.recipients
        }
    )


_KIND = Kind("self", lambda reader: NoSettings(), _deliver)
_TRANSPORT = CompiledTransport("try-out", _KIND, NoSettings())


@dataclass(frozen=True, slots=True)
class Tryout:
    """Takes the place of every transport but one of kind fail. The account of `account_id` gets all mail."""

    account_id: int
    transport: CompiledTransport = _TRANSPORT

    def takes(self, transport: CompiledTransport) -> bool:
        """Whether mail for this transport stays here."""
        return transport.kind.name != "fail"


def present_tryout() -> Tryout | None:
    """The try-out of this installation; None where mail leaves the machine."""
    return find_tryout(TRYOUT_ACCOUNT) if settings.MOXSITE_DELIVER == "self" else None


def find_tryout(account_name: str) -> Tryout | None:
    """The try-out of this account, if there is such an account."""
    account = Account.objects.filter(name=account_name).first()
    return None if account is None else Tryout(account.pk)
