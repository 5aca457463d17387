"""manage.py with the processes of the web alone: what serve does with one, it does with all."""

import sys

from moxsite.cli import main
from moxsite.supervisor import roles

roles.ROLES = tuple(role for role in roles.ROLES if role.name in ("pages", "web"))
sys.exit(main(sys.argv))
