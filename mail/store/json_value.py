"""Reading columns of JSON by statements of our own."""

import json
from typing import Any


def json_value(stored: Any) -> Any:
    """What a column holds. PostgreSQL gives it as it is stored or read, depending on the cursor."""
    return json.loads(stored) if isinstance(stored, str) else stored
