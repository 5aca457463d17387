"""Random websites that keep all rules. They have no users, since a file that is written has no passwords."""

from hypothesis import strategies as st

from webserver.configuration.values import HandlerValue, WebConfiguration

HOSTS = ("www.example.org", "*.example.org", "xn--bcher-kva.example", "b.example")
flags = st.booleans()
headers = st.dictionaries(
    st.sampled_from(["X-Frame-Options", "Cache-Control", "x-a.b"]),
    st.sampled_from(["DENY", "", 'a "b" \\ c']),
)
static = st.fixed_dictionaries(
    {"root": st.sampled_from(["/srv/www", "/", "/srv/ä b"])},
    optional={
        "strip_prefix": st.sampled_from(["", "/a", "/a/"]),
        "list_files": flags,
        "continue_not_found": flags,
        "response_headers": headers,
    },
)
redirect = st.fixed_dictionaries(
    {"base_url": st.sampled_from(["https://n.example", "//n.example:81/?q=1#f", "http://[2001:db8::1]"])},
    optional={"status_code": st.sampled_from([0, 301, 308])},
).flatmap(
    lambda base: st.sampled_from([base, {**base, "path_regexp": "^/(.*)$", "replace_path": "/x/$1?$$"}])
)
forward = st.one_of(
    st.fixed_dictionaries(
        {"url": st.sampled_from(["http://127.0.0.1:8123/base", "http://unix:/run/a.sock:/b?c"])},
        optional={
            "strip_path": flags,
            "connect_seconds": st.integers(1, 600),
            "health_path": st.sampled_from(["/", "/healthz?x"]),
            "health_seconds": st.integers(1, 100),
            "health_status": st.integers(200, 599),
        },
    ),
    st.builds(
        lambda urls: {"urls": urls},
        st.lists(
            st.sampled_from(["https://a.example", "http://b:1", "http://[::1]:2/"]), min_size=1, unique=True
        ),
    ),
)
internal = st.builds(
    lambda service, path: {"service": service, "base_path": path},
    st.sampled_from(["account", "admin"]),
    st.sampled_from(["/", "/mail/"]),
)
KINDS = {"static": static, "redirect": redirect, "forward": forward, "internal": internal}


@st.composite
def _handlers(draw: st.DrawFn) -> HandlerValue:
    kind = draw(st.sampled_from(sorted(KINDS)))
    return HandlerValue(
        kind=kind,
        domain=draw(st.sampled_from(HOSTS)),
        path=draw(st.sampled_from(["^/", "^/a|/b", "^/(?P<x>[a-z\\d]+)'\""])),
        settings=draw(KINDS[kind]),
        name=draw(st.sampled_from(["", "site", "app", "x.y-z"])),
        disabled=draw(flags),
        dont_redirect_plain_http=draw(flags),
        compress=draw(flags),
        allow_networks=draw(st.sampled_from([(), ("192.0.2.0/24",), ("2001:db8::/32", "10.0.0.1/32")])),
        rate_per_minute=draw(st.sampled_from([0, 1, 1_000_000])),
    )


@st.composite
def web_configurations(draw: st.DrawFn) -> WebConfiguration:
    """Redirects that lead out of themselves, and handlers whose names differ."""
    sources = st.sampled_from(["old.example", "xn--bcher-kva.example"])
    redirects = draw(st.dictionaries(sources, st.sampled_from(["www.example.org", "b.example"])))
    handlers = draw(st.lists(_handlers(), max_size=4, unique_by=lambda value: value.name or id(value)))
    return WebConfiguration(redirects, tuple(handlers))
