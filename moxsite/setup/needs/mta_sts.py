"""The MTA-STS policy that this installation serves for a domain (RFC 8461). Pure."""

from hashlib import sha256
from typing import Final

from moxsite.setup.needs.facts import Facts
from moxsite.setup.needs.records import Record, txt

MAX_AGE: Final = 7 * 24 * 3600
"""Seconds. Long enough to protect over a weekend, short enough to change one's mind."""


def policy_text(facts: Facts) -> str:
    """The policy: mail is handed over to these hosts only, and only with a valid certificate."""
    hosts = [f"mx: {name}" for name in facts.host_names]
    return "\r\n".join(["version: STSv1", "mode: enforce", *hosts, f"max_age: {MAX_AGE}", ""])


def policy_record(facts: Facts) -> Record:
    """The record that announces the policy; its id changes when the policy does."""
    identity = sha256(policy_text(facts).encode()).hexdigest()[:20]
    return txt(f"_mta-sts.{facts.domain}", f"v=STSv1; id={identity}")


def policy_host(facts: Facts) -> str:
    """The host that serves the policy."""
    return f"mta-sts.{facts.domain}"
