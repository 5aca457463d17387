"""The aliases that an account belongs to, as their members see them."""

from dataclasses import dataclass

from mail.models import Account, Alias


@dataclass(frozen=True, slots=True)
class OwnAlias:
    """An alias with a member of the account. `others` are its other members, where members see each other."""

    address: str
    own: tuple[str, ...]
    others: tuple[str, ...]
    post_public: bool
    allow_from: bool


def own_aliases(account: Account) -> list[OwnAlias]:
    """Those of the account, by address."""
    found = Alias.objects.filter(members__account=account).distinct().select_related("domain")
    return [_seen_by(account, alias) for alias in found.prefetch_related("memberships__destination__domain")]


def _seen_by(account: Account, alias: Alias) -> OwnAlias:
    members = [membership.destination for membership in alias.memberships.all()]
    own = [member for member in members if member.account_id == account.pk]
    others = [member for member in members if member.account_id != account.pk] if alias.list_members else []
    return OwnAlias(
        address=alias.address.display(),
        own=tuple(member.address.display() for member in own),
        others=tuple(member.address.display() for member in others),
        post_public=alias.post_public,
        allow_from=alias.allow_from,
    )
