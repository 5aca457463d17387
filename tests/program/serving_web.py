"""manage.py with the web process as the only role: what serve does with one, it does with all."""

import sys

from moxsite.cli import main
from moxsite.supervisor import roles

roles.ROLES = tuple(role for role in roles.ROLES if role.name == "web")
sys.exit(main(sys.argv))
