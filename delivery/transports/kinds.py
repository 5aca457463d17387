"""The kinds of transports there are. A new kind is one file beside this one and one line here."""

from collections.abc import Mapping

from delivery.transports import direct, fail, smtp, socks, submission, submissions
from delivery.transports.kind import Kind

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        direct.KIND,
        smtp.KIND,
        submission.KIND,
        submissions.KIND,
        socks.KIND,
        fail.KIND,
    )
}


def kind_named(name: str) -> Kind:
    """The kind of a transport; without a name it is direct delivery. Raises KeyError for an unknown one."""
    return KINDS[name or "direct"]
