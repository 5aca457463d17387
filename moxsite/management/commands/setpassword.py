"""manage.py setpassword"""

import getpass
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.identity.finding import find_login
from mail.identity.passwords import PasswordRefused, set_main_password


class Command(BaseCommand):
    help = "Sets the main password of a login, from standard input or, on a terminal, by asking for it twice."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="an address of the account, or a login name")

    def handle(self, *args: Any, **options: Any) -> None:
        address: str = options["address"]
        login = find_login(address, by_catchall=False)
        if login is None:
            raise CommandError(f"There is no login for {address}.")
        try:
            set_main_password(login, _read_password())
        except PasswordRefused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The password of {login.name} is set.")


def _read_password() -> str:
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise PasswordRefused("The two passwords differ.")
    return password
