"""manage.py dkim"""

from collections.abc import Iterable
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.addresses.domain import AddressError, display_domain, normalise_domain
from mail.configuration.dkim import activate, make_keys, retire
from mail.configuration.rules.dkim import selector_form
from mail.dkim.keys import ALGORITHMS, ED25519, RSA
from mail.dkim.record import zone_line
from mail.models import DkimKey, Domain

_ALGORITHMS: Final = {"rsa": (RSA,), "ed25519": (ED25519,), "both": ALGORITHMS}


class Command(BaseCommand):
    help = "Makes, lists and retires the keys that sign mail (DKIM), and shows their DNS records."

    def add_arguments(self, parser: CommandParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        add = actions.add_parser("add", help="make keys that sign from now on; prints the records to publish")
        add.add_argument("domain", metavar="DOMAIN", help="a domain of this server")
        add.add_argument("--selector", default="", help="name of the key; by default kind and month")
        add.add_argument(
            "--algorithm", choices=tuple(_ALGORITHMS), default="both", help="by default both: two keys"
        )
        add.add_argument("--prepared", action="store_true", help="let them sign only when activated")
        lister = actions.add_parser("list", help="keys, what they do, and their DNS records")
        lister.add_argument("domain", metavar="DOMAIN", nargs="?", default="", help="by default all domains")
        for name, text in (("retire", "let a key sign no more"), ("activate", "let a key sign from now on")):
            change = actions.add_parser(name, help=text)
            change.add_argument("domain", metavar="DOMAIN")
            change.add_argument("selector", metavar="SELECTOR")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            getattr(self, f"_{options['action']}")(options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None

    def _add(self, options: dict[str, Any]) -> None:
        state = DkimKey.State.PREPARED if options["prepared"] else DkimKey.State.SIGNING
        algorithms = _ALGORITHMS[options["algorithm"]]
        self._show(make_keys(_domain(options["domain"]), algorithms, options["selector"], state))

    def _list(self, options: dict[str, Any]) -> None:
        keys = DkimKey.objects.select_related("domain")
        if options["domain"]:
            keys = keys.filter(domain=_domain(options["domain"]))
        self._show(keys)

    def _retire(self, options: dict[str, Any]) -> None:
        key = _key(options)
        retire(key)
        self.stdout.write(f"{key} signs no more. Leave its record in DNS for a week.")

    def _activate(self, options: dict[str, Any]) -> None:
        key = _key(options)
        activate(key)
        self.stdout.write(f"{key} signs from now on.")

    def _show(self, keys: Iterable[DkimKey]) -> None:
        for key in keys:
            shown = display_domain(key.domain.name)
            self.stdout.write(f"{shown} {key.selector} {key.algorithm} {key.state}")
            self.stdout.write(f"  {zone_line(key.dns_name, key.dns_record)}")


def _domain(text: str) -> Domain:
    try:
        return Domain.objects.get(name=normalise_domain(text))
    except (AddressError, Domain.DoesNotExist):
        raise CommandError(f"{text} is not a domain of this server.") from None


def _key(options: dict[str, Any]) -> DkimKey:
    domain = _domain(options["domain"])
    selector, _ = selector_form(options["selector"], domain.name)
    try:
        return domain.dkim_keys.select_related("domain").get(selector=selector)
    except DkimKey.DoesNotExist:
        raise CommandError(f"{domain} has no key with the selector {options['selector']}.") from None
