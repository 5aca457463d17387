"""manage.py with the web process as the only role: what serve does with one, it does with all."""

import sys

import moxsite.supervisor.serve
from moxsite.cli import main
from moxsite.supervisor.roles import ROLES

moxsite.supervisor.serve.ROLES = tuple(role for role in ROLES if role.name == "web")
sys.exit(main(sys.argv))
