"""/healthz: whether this server can do its work."""

import logging

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery.queue.figures import LATE, oldest_due_age

log = logging.getLogger(__name__)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """200 when everything works, else 503, with a word for each part; causes are for the log only."""
    parts = {"database": _database_answers()}
    if parts["database"]:
        parts["queue"] = oldest_due_age() <= LATE
    healthy = all(parts.values())
    return JsonResponse(
        {
            "status": "ok" if healthy else "failing",
            **{name: "ok" if works else "failing" for name, works in parts.items()},
        },
        status=200 if healthy else 503,
    )


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT number FROM mail_generation")
            return cursor.fetchone() is not None
    except DatabaseError:
        log.exception("database does not answer")
        return False
