"""Which content codings a client accepts (RFC 9110 section 12.5.3). Pure."""

from functools import lru_cache
from typing import Final

PREFERENCE: Final = ("br", "zstd", "gzip")
"""What we can send, best first."""

IDENTITY: Final = "identity"


@lru_cache(maxsize=1024)
def accepted_encodings(value: bytes | None) -> tuple[str, ...]:
    """The codings of PREFERENCE that the client takes, those that it likes best first.

    Members in any case, weights, “*” and “x-gzip” count. Only codings that it likes no less than plain
    content are given. None at all for a client that says nothing.
    """
    if not value:
        return ()
    weights: dict[str, float] = {}
    for member in value.decode("latin-1").split(","):
        name, _, parameters = member.partition(";")
        coding = name.strip().lower()
        if coding:
            weights.setdefault("gzip" if coding == "x-gzip" else coding, _weight(parameters))
    rest = weights.get("*", 0.0)
    plain = weights.get(IDENTITY, 0.0)
    liked = [(weights.get(coding, rest), coding) for coding in PREFERENCE]
    taken = [(weight, coding) for weight, coding in liked if weight > 0 and weight >= plain]
    return tuple(coding for _, coding in sorted(taken, key=lambda pair: -pair[0]))


def _weight(parameters: str) -> float:
    """The value of q; 1 where there is none, 0 for one that can't be read."""
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            try:
                weight = float(value.strip())
            except ValueError:
                return 0.0
            return weight if 0.0 <= weight <= 1.0 else 0.0
    return 1.0
