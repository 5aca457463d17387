"""Fields of answers that handlers are configured to set."""

from webserver.edge.field_section import Field
from webserver.routing.values import Headers


def wire_fields(headers: Headers) -> list[Field]:
    """As they go over the wire."""
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers]


def set_fields(fields: list[Field], settings: list[Field]) -> list[Field]:
    """`settings` in place of all fields of the same names. An empty value only takes them away."""
    names = {name.lower() for name, _ in settings}
    kept = [field for field in fields if field[0].lower() not in names]
    return kept + [field for field in settings if field[1]]
