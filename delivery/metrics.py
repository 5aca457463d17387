"""What delivery counts. docs/metrics.md is made from these definitions."""

from typing import Final

from mail.metrics.registry import counter, gauge, histogram

DELIVERY_SECONDS: Final = histogram(
    "moxsite_delivery_duration_seconds",
    "One attempt to deliver one message, from its start until its last recipient had a result. attempt is "
    "its number, transport the transport's name (empty: direct delivery as no route says otherwise), "
    "tlsmode one of immediate, requiredstarttls, opportunistic, skip, for direct delivery followed by "
    "+mtasts and +dane where these demand it, result one of ok, okpartial, timeout, temperror, permerror, "
    "error (one of our own).",
    ("attempt", "transport", "tlsmode", "result"),
)
CONNECTIONS: Final = counter(
    "moxsite_delivery_connections_total",
    "TCP connections to other mail servers that were tried: ok, timeout, canceled, error.",
    ("result",),
)
COMMAND_SECONDS: Final = histogram(
    "moxsite_smtp_client_command_duration_seconds",
    "Waiting for one reply of another mail server. cmd is the command, greeting, or end for the end of the "
    "message; code the reply code, secode the enhanced status code. With PIPELINING only what the replies "
    "before have left of the time.",
    ("cmd", "code", "secode"),
)

SUBMISSIONS: Final = counter(
    "moxsite_submission_total",
    "Messages that users submitted: ok, badfrom (an address they may not use), badheader (no usable From, or "
    "going round in circles), messagelimiterror and recipientlimiterror (a limit of the account), refused, "
    "queueerror (could not be stored).",
    ("result",),
)
RECEIVED: Final = counter(
    "moxsite_received_total",
    "Messages from other mail servers after DATA: ok, refused, queueerror (could not be stored).",
    ("result",),
)
SERVER_CONNECTIONS: Final = counter(
    "moxsite_smtp_server_connections_total",
    "Connections of clients, by service: smtp, submission, submissions.",
    ("service",),
)
LOGINS: Final = counter(
    "moxsite_smtp_server_logins_total",
    "Logins at the submission ports: ok, or failed.",
    ("mechanism", "result"),
)

DESTINATIONS: Final = counter(
    "moxsite_delivery_destinations_total",
    "Domains whose mail servers were looked up; authentic is yes where DNSSEC vouches for the answer.",
    ("authentic",),
)
DANE_REQUIRED: Final = counter(
    "moxsite_delivery_dane_required_total", "Connections to hosts whose TLSA records demanded verified TLS."
)
DANE_UNUSABLE: Final = counter(
    "moxsite_delivery_dane_unusable_total",
    "Connections to hosts none of whose TLSA records can be used: TLS was demanded without verification.",
)
TLSA_ERRORS: Final = counter(
    "moxsite_delivery_tlsa_lookup_errors_total",
    "Look-ups of TLSA records that failed: the host was passed over.",
)
MTA_STS_POLICIES: Final = counter(
    "moxsite_delivery_mtasts_policies_total",
    "Policies asked for: ok, backoff (failed not long ago), notfound (the domain has none), error.",
    ("result",),
)
TLS_OPTIONAL: Final = counter(
    "moxsite_delivery_tls_optional_total",
    "What “TLS-Required: No” overrode: mtastspolicy (a policy that binds, or that can't be known), badtlsa "
    "(TLSA records that can't be known), tlsa (TLSA records that bind).",
    ("reason",),
)
REQUIRETLS_UNSUPPORTED: Final = counter(
    "moxsite_delivery_requiretls_unsupported_total",
    "Hosts passed over because a message demands REQUIRETLS: nopolicy (nothing verifies the host), "
    "norequiretls (it does not offer it).",
    ("reason",),
)
CLEAR_TEXT: Final = counter(
    "moxsite_delivery_clear_text_fallbacks_total",
    "Connections made again in clear text because opportunistic TLS did not work.",
)

OLDEST_DUE: Final = gauge(
    "moxsite_queue_oldest_due_seconds",
    "How long the oldest due recipient has been waiting for its attempt; 0 when none is due.",
)
QUEUE: Final = gauge(
    "moxsite_queue_recipients",
    "Recipients in the queue: waiting for their next attempt, due now, or held.",
    ("state",),
)


def attempt_label(number: int) -> str:
    """The number of an attempt as label; beyond the usual eight there are few."""
    return str(number) if number <= 12 else "more"
