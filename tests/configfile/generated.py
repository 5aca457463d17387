"""Random configurations that keep all rules."""

from typing import Any

import tomlkit
from hypothesis import strategies as st

from delivery.configfile.delivery_section import DeliverySection
from delivery.configfile.values import GLOBAL, DeliveryConfiguration, Level, RouteValue, TransportValue
from mail.addresses.address import Address, Catchall
from mail.configfile.mail_section import MailSection
from mail.configfile.values import AccountValue, AliasValue, DestinationValue, DomainValue, MailConfiguration
from mail.log.levels import LEVELS
from tests.configfile.generated_web import web_configurations
from webserver.configfile.web_section import WebSection
from webserver.configuration.values import WebConfiguration

DOMAINS = ("example.org", "b.example", "xn--bcher-kva.example")
ACCOUNTS = ("alice", "bob", "mallory-2")
TRANSPORTS = ("relay", "refuse", "plain")
LOCALPARTS = ("alice", "bob", "Bob", "x.y", "björn", "john doe", 'qu"ote', "back\\slash", "postmaster", "{}")
LINE = st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), max_size=12)

flags = st.booleans()
domains = st.builds(
    DomainValue,
    separators=st.sampled_from([(), ("+",), ("-", "="), ("--",)]),
    case_sensitive=flags,
    disabled=flags,
    dmarc_reject=flags,
)
accounts = st.builds(
    AccountValue,
    full_name=LINE,
    max_outgoing_messages_per_day=st.integers(-1, 5000),
    max_first_time_recipients_per_day=st.integers(-1, 5000),
    quota_mb=st.integers(0, 2**31 - 1),
    cram_md5=flags,
    login_disabled=LINE,
    dmarc_reject=st.sampled_from([None, True, False]),
)
handling: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.builds(dict, mailbox=st.sampled_from(["Inbox", "Lists/ä", "a b"])),
    st.builds(dict, smtp_error=st.sampled_from(["550", "421 later", '550 "no" \\ user'])),
)
transports = st.one_of(
    st.just(TransportValue()),
    st.builds(
        lambda v4: TransportValue("direct", {"ipv4": v4, "ipv6": True}),
        flags,
    ),
    st.builds(
        lambda code, text: TransportValue("fail", {"smtp_code": code, "smtp_message": text}),
        st.integers(400, 599),
        st.text("abc \"'\\", max_size=10),
    ),
    st.builds(
        lambda kind, port, names: TransportValue(
            kind, {"hosts": names, "port": port, "username": "me", "mechanisms": ["PLAIN", "CRAM-MD5"]}
        ),
        st.sampled_from(["smtp", "submission", "submissions"]),
        st.integers(1, 65535),
        st.lists(st.sampled_from(["a.example", "b.example:2525", "c.example"]), min_size=1, unique=True),
    ),
    st.builds(
        lambda kind, weights, limit: TransportValue(
            kind,
            {
                "hosts": [
                    {"host": f"{name}.example", "weight": weight}
                    for name, weight in zip("abc", weights, strict=False)
                ],
                "max_connections": limit,
            },
        ),
        st.sampled_from(["smtp", "submissions"]),
        st.lists(st.integers(1, 1000), min_size=1, max_size=3),
        st.integers(0, 10_000),
    ),
    st.builds(
        lambda ips, name: TransportValue(
            "socks", {"address": "[::1]:1080", "remote_ips": ips, "remote_hostname": name, "username": "me"}
        ),
        st.lists(st.sampled_from(["192.0.2.7", "2001:db8::7"]), unique=True),
        st.sampled_from(["", "out.example.org"]),
    ),
)
patterns = st.lists(
    st.sampled_from([".", "example.net", ".example.net", ".xn--bcher-kva.example"]), max_size=2, unique=True
)


@st.composite
def mail_configurations(draw: st.DrawFn) -> MailConfiguration:
    chosen = draw(st.dictionaries(st.sampled_from(DOMAINS), domains))
    owners = draw(st.dictionaries(st.sampled_from(ACCOUNTS), accounts))
    if owners:
        for name, domain in chosen.items():
            _populate(draw, name, domain, owners)
    levels = st.sampled_from(sorted(LEVELS))
    log = draw(st.dictionaries(st.sampled_from(["", "mail", "delivery.queue"]), levels))
    return MailConfiguration(log, chosen, owners)


def _populate(draw: st.DrawFn, name: str, domain: DomainValue, owners: dict[str, AccountValue]) -> None:
    free = {part if domain.case_sensitive else part.lower(): part for part in LOCALPARTS}
    localparts = draw(st.lists(st.sampled_from(sorted(free.values())), unique=True))
    members = []
    for localpart in localparts[::2]:
        address = Address(localpart, name)
        owners[draw(st.sampled_from(sorted(owners)))].destinations[str(address)] = DestinationValue(
            address, **draw(handling)
        )
        members.append(str(address))
    for localpart in localparts[1::2] if members else ():
        chosen = draw(st.lists(st.sampled_from(members), min_size=1, unique=True))
        domain.aliases[localpart] = AliasValue(tuple(chosen), draw(flags), draw(flags), draw(flags))
    if draw(flags):
        owners[draw(st.sampled_from(sorted(owners)))].destinations[f"@{name}"] = DestinationValue(
            Catchall(name), **draw(handling)
        )


@st.composite
def configurations(
    draw: st.DrawFn,
) -> tuple[MailConfiguration, DeliveryConfiguration, WebConfiguration]:
    mail = draw(mail_configurations())
    named = draw(st.dictionaries(st.sampled_from(TRANSPORTS), transports))
    proxies = [name for name, value in named.items() if value.kind == "socks"]
    for name, value in named.items():
        if proxies and "hosts" in value.settings and draw(flags):
            settings = {**value.settings, "proxy": draw(st.sampled_from(proxies))}
            named[name] = TransportValue(value.kind, settings)
    levels: list[Level] = [GLOBAL]
    levels += [("account", name) for name in mail.accounts]
    levels += [("domain", name) for name in mail.domains]
    found = {}
    for level in levels if named else []:
        routes = st.builds(
            RouteValue,
            patterns.map(tuple),
            patterns.map(tuple),
            st.integers(-1, 9),
            st.sampled_from(sorted(named)),
        )
        found[level] = tuple(draw(st.lists(routes, max_size=3)))
    delivery = DeliveryConfiguration(named, {level: routes for level, routes in found.items() if routes})
    return mail, delivery, draw(web_configurations())


def file_text(configuration: tuple[MailConfiguration, DeliveryConfiguration, WebConfiguration]) -> str:
    """The configuration as a file."""
    document: dict[str, Any] = {}
    MailSection().write(configuration[0], document)
    DeliverySection().write(configuration[1], document)
    WebSection().write(configuration[2], document)
    return tomlkit.dumps(document)
