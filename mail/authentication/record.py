"""The results in the form in which they are kept with a message. Pure."""

import re
from collections.abc import Mapping
from typing import Any, Final

from mail.authentication.results import (
    Disposition,
    DkimResult,
    DmarcResult,
    IprevResult,
    Result,
    SenderResults,
    SpfResult,
)

_UNWANTED: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_NEEDED: Final = ("ip", "domain", "identity")


def to_record(found: SenderResults) -> dict[str, Any]:
    """As plain values for JSON; what is empty is left out."""
    return {
        "iprev": _filled(result=found.iprev.result, ip=found.iprev.ip, name=found.iprev.name),
        **({"helo": _spf_record(found.spf_helo)} if found.spf_helo is not None else {}),
        "spf": _spf_record(found.spf),
        "dkim": [
            _filled(
                result=one.result,
                domain=one.domain,
                selector=one.selector,
                algorithm=one.algorithm,
                signature=one.signature,
                reason=one.reason,
            )
            for one in found.dkim
        ],
        "dmarc": _filled(
            result=found.dmarc.result,
            domain=found.dmarc.domain,
            policy_domain=found.dmarc.policy_domain,
            policy=found.dmarc.policy or "",
            asks=found.dmarc.asks,
            reason=found.dmarc.reason,
        ),
    }


def from_record(record: object) -> SenderResults | None:
    """The results again; None for anything that was not written by `to_record`."""
    if not isinstance(record, Mapping):
        return None
    try:
        return SenderResults(
            iprev=IprevResult(**_typed(record["iprev"])),
            spf_helo=SpfResult(**_typed(record["helo"])) if "helo" in record else None,
            spf=SpfResult(**_typed(record["spf"])),
            dkim=tuple(DkimResult(**_typed(one)) for one in record["dkim"]),
            dmarc=DmarcResult(**_typed(record["dmarc"])),
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return None


def _spf_record(result: SpfResult) -> dict[str, str]:
    return _filled(
        result=result.result,
        identity=result.identity,
        domain=result.domain,
        mechanism=result.mechanism,
        problem=result.problem,
    )


def _filled(**values: str) -> dict[str, str]:
    """What is not empty, without what PostgreSQL can't keep: NUL and halves of surrogate pairs."""
    clean = {key: _UNWANTED.sub("?", str(value)) for key, value in values.items()}
    return {key: value for key, value in clean.items() if value or key in _NEEDED}


def _typed(values: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = dict(values)
    found["result"] = Result(found["result"])
    for key in ("policy", "asks"):
        if key in found:
            found[key] = Disposition(found[key])
    return found
