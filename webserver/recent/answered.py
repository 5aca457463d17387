"""What was decided about a request, by the id that its answer shows."""

from webserver.recent.asked import run_folder
from webserver.recent.noting import ANSWERED
from webserver.recent.records import Answered, decode_answered
from webserver.recent.ring import read_ring


def find_answer(request_id: str) -> Answered | None:
    """The request with this id; None when it is too long ago or never was."""
    wanted = request_id.strip().encode()
    for path in run_folder().glob(f"{ANSWERED}.*"):
        for record in read_ring(path):
            if wanted and record.startswith(wanted + b"\t"):
                return decode_answered(record)
    return None
