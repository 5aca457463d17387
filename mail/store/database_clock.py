"""The clock that leases go by: the database's, which all workers share."""

from django.db import connection

from mail import clock
from mail.store.write import Transaction


def database_now(current: Transaction) -> clock.Moment:
    """The present moment by the database's clock, moved as tests have moved the program's.

    SQLite has no clock but the machine's own.
    """
    if connection.vendor == "sqlite":
        return clock.now()
    ((moment,),) = current.rows("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
    return int(moment) + clock.offset()
