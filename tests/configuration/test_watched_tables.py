"""Triggers count changes of the configuration, whatever migrations did to its tables."""

import pytest
from django.db import connection

from mail.configuration.generation import read_generation
from tests.world.world import World

WATCHED = (
    "delivery_route",
    "delivery_transport",
    "mail_account",
    "mail_alias",
    "mail_aliasmember",
    "mail_certificate",
    "mail_destination",
    "mail_domain",
    "mail_loglevel",
    "webserver_certificatefile",
    "webserver_domainredirect",
    "webserver_webhandler",
)


@pytest.mark.only_database("sqlite")
def test_every_watched_table_has_its_triggers(world: World) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'")
        found = set(cursor.fetchall())
    wanted = {
        (table, f"{table}_{event}_bump") for table in WATCHED for event in ("insert", "update", "delete")
    }
    assert wanted <= found


def test_changes_of_domains_and_accounts_count(world: World) -> None:
    world.alice  # noqa: B018
    before = read_generation()
    world.example_org.dmarc_reject = False
    world.example_org.save()
    between = read_generation()
    world.alice.dmarc_reject = True
    world.alice.save()
    assert before < between < read_generation()
