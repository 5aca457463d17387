"""What a rule has against a value."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """A sentence about one field. An empty field name means the row as a whole."""

    field: str
    message: str
