"""Names for what goes wrong with a session, and what to do next. Pure.

Replies of servers are judged by their code and enhanced status code (RFC 3463, RFC 4954 section 6), failures
on this side by the step and by the words that this program uses for them.
"""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from delivery.probe.report import Diagnosis
from delivery.smtp.client.failure import DeliveryFailure, Stage
from mail.errors import Reply


@dataclass(frozen=True, slots=True)
class Failure:
    """What kept `host` (name and port) from taking mail. `remote`: the reply is the server's own.

    `relay`: the host is one that should pass mail on; otherwise it is the recipient's mail server itself.
    """

    host: str
    stage: Stage
    remote: bool
    reply: Reply
    relay: bool = True

    @property
    def text(self) -> str:
        """The reply in words that can be searched."""
        return self.reply.text.lower()

    @property
    def says(self) -> str:
        """What happened, with the reply."""
        return f"{self.host}: {self.reply}" if self.remote else f"{self.host}: {self.reply.text}"


def failure_of(host: str, failure: DeliveryFailure, *, relay: bool) -> Failure:
    """The failure of a session with a host."""
    return Failure(host, failure.stage, failure.remote, failure.public, relay)


def diagnose(failure: Failure) -> Diagnosis:
    """The name of the failure. What has none of its own is named after its step."""
    name, advice = _BY_STAGE[failure.stage](failure)
    return Diagnosis(name, failure.says, advice)


_Named = tuple[str, str]


def _resolve(failure: Failure) -> _Named:
    if failure.reply.code == 556:
        return "domain takes no mail", "The domain says so itself (null MX). Check the recipient’s address."
    if failure.reply.enhanced.endswith(".4.3"):
        return (
            "DNS does not answer",
            "Check this machine’s resolver (MOXSITE_RESOLVER), then the domain’s.",
        )
    return "name does not resolve", "Check the spelling of the name, and that it has an address in DNS."


_CONNECTIONS: Final = (
    (
        os.strerror(errno.ECONNREFUSED),
        "nothing listens",
        "Check the port; ask whether the service runs there, or whether a firewall refuses this machine.",
    ),
    (
        os.strerror(errno.ENETUNREACH),
        "no route to the host",
        "Check this machine’s network. A host with only IPv6 addresses needs IPv6 here.",
    ),
    (
        os.strerror(errno.EHOSTUNREACH),
        "no route to the host",
        "Check this machine’s network and firewalls on the way.",
    ),
    (
        "does not answer",
        "no answer",
        "A firewall on the way drops it. Many providers close port 25: ask yours, or use a relay.",
    ),
)


def _connect(failure: Failure) -> _Named:
    text = failure.text
    if "socks proxy" in text:
        return _proxy(text)
    for words, name, advice in _CONNECTIONS:
        if words.lower() in text:
            return name, advice
    return "not connected", "Check name and port, then the network between this machine and the host."


def _proxy(text: str) -> _Named:
    if "could not reach" in text or "no connection to" in text:
        return (
            "proxy does not reach the host",
            "The proxy works. Ask its operator whether that is allowed.",
        )
    if "can't be reached" in text or "can't be found" in text:
        return "proxy can’t be reached", "Check address and port of the transport that is the proxy."
    return "proxy refuses", "Check user name and password of the transport that is the proxy."


def _greeting(failure: Failure) -> _Named:
    if failure.remote:
        return "host takes no mail", "The host refuses this machine before anything was said. See its reply."
    if "does not answer" in failure.text or "not ready" in failure.text:
        return (
            "host stays silent",
            "It may wait for TLS from the first byte: then the kind is submissions, usually on port 465.",
        )
    return (
        "host does not speak SMTP",
        "Check the port. A port with TLS from the first byte needs the kind submissions.",
    )


def _hello(failure: Failure) -> _Named:
    return (
        "introduction refused",
        "Servers want a name that leads to this machine’s address: check MOXSITE_HOSTNAME, or the EHLO name "
        "of the proxy, and reverse DNS.",
    )


def _policy(failure: Failure) -> _Named | None:
    """What the recipient's domain demands of TLS (MTA-STS, DANE) and the host does not keep."""
    if "mta-sts" in failure.text:
        return (
            "MTA-STS policy is not kept",
            "The recipient’s domain demands TLS of its hosts. Only its operator can put this right.",
        )
    if "tlsa" in failure.text or "dane" in failure.text:
        return (
            "DANE is not kept",
            "The certificate does not fit the host’s TLSA records. Only its operator can put this right.",
        )
    return None


def _starttls(failure: Failure) -> _Named:
    if (named := _policy(failure)) is not None:
        return named
    return (
        "no STARTTLS",
        "The host does not offer encryption on this port. Try kind submissions with port 465; switch TLS off "
        "only on your own network.",
    )


_CERTIFICATES: Final = (
    (
        ("certificate is not for",),
        "certificate has the wrong name",
        "Use the host name that the certificate is for, or ask the operator for a right certificate.",
    ),
    (
        ("has expired", "not yet valid"),
        "certificate has expired",
        "The operator of the host must renew it. Check the clock of this machine too.",
    ),
    (
        ("self signed", "self-signed", "issuer", "verify", "untrusted", "cert chain"),
        "certificate is not trusted",
        "If the host uses an authority of its own, give its certificate to MOXSITE_TLS_CA_FILE.",
    ),
)


def _tls(failure: Failure) -> _Named:
    text = failure.text
    if (named := _policy(failure)) is not None:
        return named
    if "wrong version number" in text or "packet length too long" in text or "record layer" in text:
        return (
            "host speaks plain text",
            "This port does not begin with TLS: use the kind submission with port 587 or smtp with port 25.",
        )
    for words, name, advice in _CERTIFICATES:
        if any(word in text for word in words):
            return name, advice
    return "TLS fails", "Ask the operator which versions of TLS the host speaks: 1.2 or later is needed."


def _login(failure: Failure) -> _Named:
    text, reply = failure.text, failure.reply
    if "no usable authentication mechanism" in text:
        return (
            "no common login method",
            "Choose a login method that the host offers. Without TLS, PLAIN and LOGIN must be named.",
        )
    if not failure.remote:
        return (
            "login was not finished",
            "The host did not keep to the rules of the login method, or does not know the password itself: "
            "it may not be the host it seems. Ask its operator, or choose another login method.",
        )
    if reply.code == 535:
        return (
            "wrong password",
            "The host refused user name and password. Set them anew; some want an app password.",
        )
    if reply.code in (534, 538) or reply.enhanced in ("5.7.9", "5.7.11"):
        return "login method refused", "Choose a stronger login method, or TLS."
    if reply.code < 500:
        return "login refused for now", "The host can’t check logins at present. Try again in some minutes."
    return "login refused", "See the reply; check user name, password and login methods."


def _sender(failure: Failure) -> _Named:
    if failure.reply.code == 530 or failure.reply.enhanced == "5.7.0":
        return "login needed", "The host takes mail only after a login: give user name and password."
    if failure.remote and failure.reply.code < 500:
        return "sender refused for now", "See the reply. Mail would wait and be tried again."
    if not failure.relay:
        return (
            "mail server refuses sender",
            "The recipient’s mail server takes no mail from this address. See its reply; check SPF, DKIM and "
            "DMARC of the sender’s domain.",
        )
    return (
        "relay refuses sender",
        "The host does not let this login send as this address. Allow it there, or use another sender.",
    )


def _recipient(failure: Failure) -> _Named:
    reply = failure.reply
    if not failure.relay and (reply.enhanced == "5.7.1" or "relay" in failure.text):
        return (
            "mail server refuses recipient",
            "The recipient’s mail server does not take mail for this address from here, or its domain’s MX "
            "leads to a host that does not serve it. See its reply.",
        )
    if reply.enhanced == "5.7.1" or "relay" in failure.text:
        return (
            "relay refuses recipient",
            "The host does not pass mail on for this machine or login. Give it a login, or let its operator "
            "allow the address of this machine.",
        )
    if failure.remote and reply.code < 500:
        return (
            "recipient refused for now",
            "Greylisting or a limit of the host. Mail would wait and be tried again; nothing is wrong here.",
        )
    return "recipient refused", "See the reply. Another recipient may be accepted: check the address."


def _message(failure: Failure) -> _Named:
    return "message refused", "See the reply."


_BY_STAGE: Final[dict[Stage, Callable[[Failure], _Named]]] = {
    Stage.RESOLVE: _resolve,
    Stage.CONNECT: _connect,
    Stage.GREETING: _greeting,
    Stage.EHLO: _hello,
    Stage.STARTTLS: _starttls,
    Stage.TLS: _tls,
    Stage.AUTH: _login,
    Stage.MAIL: _sender,
    Stage.RCPT: _recipient,
    Stage.DATA: _message,
    Stage.END: _message,
}
