"""Settings of transports are read strictly, and all that is wrong is said at once."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from delivery.smtp.client.tls import TlsMode
from delivery.transports import direct, fail, smtp, socks, submission, submissions
from delivery.transports.dialing import Host
from delivery.transports.direct import DirectSettings
from delivery.transports.fail import DEFAULT_MESSAGE, FailSettings
from delivery.transports.kind import Kind
from delivery.transports.kinds import KINDS, kind_named
from delivery.transports.proxy import Proxy
from delivery.transports.settings import InvalidSettings
from delivery.transports.smarthost import SmarthostSettings
from delivery.transports.socks import SocksSettings

SMARTHOSTS = ["smtp", "submission", "submissions"]


def problems(kind: str, **settings: object) -> list[tuple[str, str]]:
    return [(problem.field, problem.message) for problem in kind_named(kind).validate(settings)]


def fields(kind: str, **settings: object) -> list[str]:
    return [field for field, _ in problems(kind, **settings)]


def relay(kind: Kind, settings: Mapping[str, object]) -> SmarthostSettings:
    read = kind.read(settings)
    assert isinstance(read, SmarthostSettings)
    return read


def test_the_kinds_are_known_by_name_and_none_means_direct() -> None:
    assert set(KINDS) == {"direct", "smtp", "submission", "submissions", "socks", "fail"}
    assert kind_named("") is KINDS["direct"]
    with pytest.raises(KeyError):
        kind_named("pigeon")


@pytest.mark.parametrize("kind", ["direct", "fail"])
def test_kinds_without_needs_accept_nothing(kind: str) -> None:
    assert problems(kind) == []


@pytest.mark.parametrize("kind", SMARTHOSTS)
def test_a_relay_needs_only_its_host(kind: str) -> None:
    assert problems(kind, host="relay.example") == []
    assert fields(kind) == ["host"]


@pytest.mark.parametrize(
    ("kind", "port", "mode"),
    [
        (smtp.KIND, 25, TlsMode.REQUIRED),
        (submission.KIND, 587, TlsMode.REQUIRED),
        (submissions.KIND, 465, TlsMode.IMMEDIATE),
    ],
)
def test_port_and_encryption_follow_from_the_kind(kind: Kind, port: int, mode: TlsMode) -> None:
    for given_port in ({}, {"port": 0}):
        read = relay(kind, {"host": "relay.example", **given_port})
        assert read.hosts == (Host("relay.example", port),)
        assert (read.tls.mode, read.tls.verify) == (mode, True)
        assert read.credentials is None


@pytest.mark.parametrize("kind", list(KINDS))
def test_an_unknown_setting_is_a_problem(kind: str) -> None:
    assert "colour" in fields(kind, host="relay.example", colour="red")


@pytest.mark.parametrize(
    "host", ["192.0.2.1", "[192.0.2.1]", "2001:db8::1", "a..b", "relay.example:25", "re lay", "-x.example"]
)
def test_a_host_must_be_a_name(host: str) -> None:
    assert fields("smtp", host=host) == ["host"]


def test_host_names_may_be_internationalised_and_are_stored_in_one_form() -> None:
    assert relay(smtp.KIND, {"host": "Bücher.example"}).hosts[0].name == "xn--bcher-kva.example"


@pytest.mark.parametrize("port", [-1, 65536, "25", 25.0, True])
def test_a_port_is_a_number_in_range(port: object) -> None:
    assert fields("smtp", host="relay.example", port=port) == ["port"]


def test_several_hosts_may_have_ports_of_their_own() -> None:
    read = relay(smtp.KIND, {"hosts": ["a.example", "b.example:2525"], "port": 26})
    assert read.hosts == (Host("a.example", 26), Host("b.example", 2525))


@pytest.mark.parametrize(
    "hosts", [["192.0.2.1"], ["a.example:0"], ["a.example:70000"], ["a.example:x"], "a.example", [1], [""]]
)
def test_each_of_several_hosts_is_checked(hosts: object) -> None:
    assert fields("smtp", hosts=hosts) == ["hosts"]


def test_several_hosts_may_have_weights() -> None:
    entries = [{"host": "a.example", "weight": 3}, {"host": "b.example:2525", "weight": 1}]
    read = relay(smtp.KIND, {"hosts": entries})
    assert (read.hosts, read.relay.weights) == ((Host("a.example", 25), Host("b.example", 2525)), (3, 1))


@pytest.mark.parametrize(
    "entry",
    [
        {"host": "b.example"},
        {"weight": 1},
        {"host": "b.example", "weight": 0},
        {"host": "b.example", "weight": 1001},
        {"host": "b.example", "weight": True},
        {"host": "b.example", "weight": "2"},
        {"host": "192.0.2.1", "weight": 2},
        {"host": 5, "weight": 2},
        {"host": "b.example", "weight": 2, "port": 25},
        "b.example",
    ],
)
def test_weights_are_whole_numbers_and_all_hosts_have_one_or_none(entry: object) -> None:
    assert set(fields("smtp", hosts=[{"host": "a.example", "weight": 3}, entry])) == {"hosts"}


def test_a_host_named_twice_is_a_problem() -> None:
    assert problems("smtp", hosts=["a.example", "A.example:25"]) == [("hosts", "a.example is there twice")]


def test_one_host_and_several_exclude_each_other() -> None:
    assert fields("smtp", host="a.example", hosts=["b.example"]) == ["hosts"]


def test_encryption_can_t_be_weakened_where_it_is_immediate() -> None:
    assert fields("submissions", host="a.example", tls_skip_verify=True, no_starttls=True) == [
        "tls_skip_verify",
        "no_starttls",
    ]
    assert fields("submissions", host="a.example", tls_skip_verify=False) == []


@pytest.mark.parametrize(
    ("flags", "mode", "verify"),
    [
        ({}, TlsMode.REQUIRED, True),
        ({"tls_skip_verify": True}, TlsMode.REQUIRED, False),
        ({"no_starttls": True}, TlsMode.NONE, False),
        ({"tls_skip_verify": True, "no_starttls": True}, TlsMode.REQUIRED, False),
    ],
)
def test_the_flags_weaken_encryption_no_more_than_they_must(
    flags: dict[str, object], mode: TlsMode, verify: bool
) -> None:
    read = relay(submission.KIND, {"host": "a.example", **flags})
    assert (read.tls.mode, read.tls.verify) == (mode, verify)


@pytest.mark.parametrize(
    "mechanisms", [["plain"], ["Plain"], ["PLAIN", "PLAIN"], ["EXTERNAL"], ["X"], "PLAIN", [1], {"PLAIN": 1}]
)
def test_mechanisms_are_named_exactly_and_once(mechanisms: object) -> None:
    assert fields("smtp", host="a.example", username="me", mechanisms=mechanisms) == ["mechanisms"]


def test_the_order_of_mechanisms_is_kept() -> None:
    settings = {"host": "a.example", "username": "me", "password": "x", "mechanisms": ["LOGIN", "PLAIN"]}
    credentials = relay(smtp.KIND, settings).credentials
    assert credentials is not None
    assert credentials.mechanisms == ("LOGIN", "PLAIN")


@pytest.mark.parametrize("settings", [{"password": "x"}, {"mechanisms": ["PLAIN"]}])
def test_a_login_needs_a_user_name(settings: dict[str, object]) -> None:
    assert fields("smtp", host="a.example", **settings) == ["username"]


def test_a_password_does_not_show() -> None:
    settings = relay(smtp.KIND, {"host": "a.example", "username": "me", "password": "geheim"})
    assert "geheim" not in repr(settings)
    assert KINDS["smtp"].secrets == ("password",)


def test_one_address_family_must_be_left() -> None:
    assert fields("direct", ipv4=False, ipv6=False) == ["ipv6"]
    assert direct.KIND.read({"ipv6": False}) == DirectSettings(ipv4=True, ipv6=False)


@pytest.mark.parametrize("value", ["yes", 1, "true"])
def test_a_switch_is_true_or_false(value: object) -> None:
    assert fields("direct", ipv4=value) == ["ipv4"]


@pytest.mark.parametrize("code", [399, 600, 200, -5, "550", 450.0])
def test_a_fail_code_is_temporary_or_permanent(code: object) -> None:
    assert fields("fail", smtp_code=code) == ["smtp_code"]


@pytest.mark.parametrize("message", ["two\nlines", "ümlaut", "x" * 257, "a\x7f", 5])
def test_a_fail_message_is_one_short_line_of_ascii(message: object) -> None:
    assert fields("fail", smtp_message=message) == ["smtp_message"]


def test_a_fail_transport_has_defaults() -> None:
    assert fail.KIND.read({"smtp_code": 0, "smtp_message": ""}) == FailSettings(554, DEFAULT_MESSAGE)
    assert fail.KIND.read({"smtp_message": "x" * 256}) == FailSettings(554, "x" * 256)


@pytest.mark.parametrize("kind", ["direct", "socks", *SMARTHOSTS])
def test_every_kind_that_uses_the_network_may_have_limits(kind: str) -> None:
    needed = {"address": "127.0.0.1:9050"} if kind == "socks" else {"host": "a.example"}
    needed = {} if kind == "direct" else needed
    without = kind_named(kind).read(needed)
    assert (without.max_connections, without.max_messages_per_minute) == (0, 0)
    limited = kind_named(kind).read({**needed, "max_connections": 5, "max_messages_per_minute": 60})
    assert (limited.max_connections, limited.max_messages_per_minute) == (5, 60)
    wrong = fields(kind, **needed, max_connections=-1, max_messages_per_minute="60")
    assert wrong == ["max_connections", "max_messages_per_minute"]


def test_a_proxy_needs_only_its_address() -> None:
    read = socks.KIND.read({"address": "127.0.0.1:9050"})
    assert read == SocksSettings(Proxy("127.0.0.1", 9050))
    assert problems("socks") == [("address", "is needed")]
    assert fields("socks", address="127.0.0.1") == ["address"]


def test_a_proxy_has_a_login_and_a_face_outside() -> None:
    read = socks.KIND.read(
        {
            "address": "[2001:db8::1]:1080",
            "username": "me",
            "password": "geheim",
            "remote_ips": ["192.0.2.7", "2001:DB8::7"],
            "remote_hostname": "Out.example.org",
            "ipv6": False,
        }
    )
    proxy = Proxy("2001:db8::1", 1080, "me", "geheim", "out.example.org")
    assert read == SocksSettings(proxy, ("192.0.2.7", "2001:db8::7"), ipv6=False)
    assert "geheim" not in repr(read)
    assert str(proxy) == "the SOCKS proxy [2001:db8::1]:1080"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("remote_ips", ["192.0.2.256"]),
        ("remote_ips", ["0.0.0.0"]),
        ("remote_ips", ["192.0.2.7", "192.0.2.7"]),
        ("remote_ips", "192.0.2.7"),
        ("remote_hostname", "192.0.2.7"),
        ("username", "mé"),
        ("username", "m" * 256),
        ("proxy", "tunnel"),
    ],
)
def test_settings_of_a_proxy_are_checked(field: str, value: object) -> None:
    assert fields("socks", address="127.0.0.1:9050", **{field: value}) == [field]


def test_a_login_at_a_proxy_needs_a_user_name() -> None:
    assert fields("socks", address="127.0.0.1:9050", password="x") == ["username"]


def test_all_problems_are_said_at_once() -> None:
    with pytest.raises(InvalidSettings) as raised:
        relay(smtp.KIND, {"host": "192.0.2.1", "port": "x", "colour": 1})
    assert [problem.field for problem in raised.value.problems] == ["port", "host", "colour"]


names = st.sampled_from(
    [
        "host",
        "hosts",
        "port",
        "username",
        "password",
        "mechanisms",
        "ipv4",
        "ipv6",
        "smtp_code",
        "smtp_message",
        "address",
        "remote_ips",
        "remote_hostname",
        "proxy",
        "max_connections",
    ]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10) | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=5,
)


@given(st.sampled_from(sorted(KINDS)), st.dictionaries(names | st.text(max_size=5), values, max_size=5))
def test_any_mapping_is_either_read_or_its_problems_are_named(kind: str, settings: dict[str, object]) -> None:
    found = kind_named(kind).validate(settings)
    if found:
        with pytest.raises(InvalidSettings):
            kind_named(kind).read(settings)
    else:
        kind_named(kind).read(settings)
