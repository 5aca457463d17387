"""manage.py twofactor"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mail.identity.finding import find_login
from moxsite.second_factor.factors import factor_of, recovery_codes_left, turn_off


class Command(BaseCommand):
    help = "Tells whether a login has to show a code besides its password, and turns that off."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("address", metavar="ADDRESS", help="an address of the account, or a login name")
        parser.add_argument(
            "--off", action="store_true", help="from now on its password alone opens the pages"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        login = find_login(options["address"], by_catchall=False)
        if login is None:
            raise CommandError(f"There is no login for {options['address']}.")
        if options["off"]:
            turn_off(login)
        factor = factor_of(login)
        if factor is None:
            self.stdout.write(f"{login.name}: two-factor is off.")
        else:
            left = recovery_codes_left(factor)
            self.stdout.write(f"{login.name}: two-factor is on, {left} recovery codes are left.")
