"""What runs here."""

import platform

import django
from django.db import connection
from django.urls import reverse

from moxsite.admin.cards.card import Card, Health
from moxsite.version import VERSION


def version_card() -> Card:
    """The card."""
    database = "SQLite" if connection.vendor == "sqlite" else "PostgreSQL"
    text = f"Python {platform.python_version()}, Django {django.get_version()}, {database}."
    return Card("Version", reverse("admin:processes") + "#machine", Health.FINE, VERSION, text)
