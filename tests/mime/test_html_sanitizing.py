import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.html import (
    CONTENT_SECURITY_POLICY,
    CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES,
    LENGTH_LIMIT,
    SanitizedHtml,
    sanitize_html,
)
from mail.mime.html_elements import SHOWN

PIECES = [
    "<script>",
    "</script>",
    "<img src=",
    "http://evil.example/a.png",
    "//evil.example",
    "cid:logo",
    "javascript:x()",
    "data:text/html,x",
    "data:image/svg+xml,x",
    " onerror=x()",
    ">",
    "<",
    '"',
    "'",
    "<a href=",
    "<svg>",
    "<math>",
    "</",
    "<style>",
    "@import 'http://evil.example'",
    "</style>",
    "<iframe src=",
    "<p style=",
    "background:url(",
    ")",
    ";",
    "<base href=",
    "<meta http-equiv=refresh content=",
    "<form action=",
    "<object data=",
    "<link href=",
    "<!--",
    "-->",
    "<td background=",
    "<img srcset=",
    "&#106;avascript:",
    "\\75rl(",
    "<template>",
    "<noscript>",
    "<title>",
    "<mtext>",
    "<table>",
    "<xmp>",
    "<plaintext>",
    "\x00",
    " ",
    "<input type=image src=",
    "position:fixed",
    "text",
    "<b x='",
]
markup = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join)


def no_parts(content_id: str) -> str | None:
    return None


def a_logo(content_id: str) -> str | None:
    return "/mail/1/parts/2" if content_id == "logo@a" else None


def clean(source: str, *, remote_images: bool = False) -> SanitizedHtml:
    return sanitize_html(source, a_logo, remote_images=remote_images)


class Shown(HTMLParser):
    """Fails for anything that must not be in a message on a page."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SHOWN
        for name, value in attrs:
            assert not name.startswith("on")
            assert name not in ("srcset", "background", "class", "id", "action")
            if name == "src":
                assert value == "/mail/1/parts/2"
            if name == "href":
                assert re.match(r"https?:|mailto:|tel:", (value or "").strip(), re.IGNORECASE)
            if name == "style":
                assert not re.search(r"url|position|\\|expression|@", value or "", re.IGNORECASE)

    def handle_comment(self, data: str) -> None:
        raise AssertionError("a comment is left")

    def handle_decl(self, decl: str) -> None:
        raise AssertionError("a declaration is left")


def test_scripts_and_their_ways_in_go() -> None:
    source = "<script>alert(1)</script><p onclick=x()>text</p><a href='javascript:x()'>link</a>"
    expected = '<p>text</p><a target="_blank" rel="noopener noreferrer nofollow">link</a>'
    assert clean(source + "<svg onload=x()></svg>").html == expected


def test_links_open_elsewhere_and_give_nothing_away() -> None:
    assert clean('<a href="https://a.example/?x=1&amp;y=2">a</a>').html == (
        '<a href="https://a.example/?x=1&amp;y=2" target="_blank" rel="noopener noreferrer nofollow">a</a>'
    )


def test_remote_images_are_replaced_by_their_text_and_counted() -> None:
    result = clean('<img src="https://a.example/1.png" alt="A &lt;b&gt; cat"><img src=http://a.example/2>')
    assert result.html == "<span>[image: A &lt;b&gt; cat]</span><span>[image]</span>"
    assert result.blocked_remote == 2


def test_images_that_only_count_readers_leave_no_trace() -> None:
    result = clean('x<img src="https://a.example/t" width=1 height=1>')
    assert (result.html, result.blocked_remote) == ("x", 1)


def test_remote_images_are_shown_on_request() -> None:
    result = clean('<img src="https://a.example/1.png">', remote_images=True)
    assert result.html == '<img src="https://a.example/1.png" referrerpolicy="no-referrer">'
    assert result.blocked_remote == 0


def test_images_of_the_message_get_the_url_of_their_part() -> None:
    assert 'src="/mail/1/parts/2"' in clean('<img src="cid:logo%40a" alt="Logo">').html


def test_the_url_of_a_part_is_escaped() -> None:
    shown = sanitize_html('<img src="CID:x" width="9">', lambda content_id: f'/?id="{content_id}"&y').html
    assert 'src="/?id=&quot;x&quot;&amp;y"' in shown


def test_an_image_whose_part_is_missing_is_replaced_by_its_text() -> None:
    result = clean('<img src="cid:other" alt="Logo">')
    assert (result.html, result.blocked_remote) == ("<span>[image: Logo]</span>", 0)


def test_images_inside_the_html_stay_unless_they_are_documents() -> None:
    assert "src=" in clean('<img src="data:image/png;base64,AAAA">').html
    assert "src=" not in clean('<img src="data:image/svg+xml;base64,AAAA">').html


@pytest.mark.parametrize(
    "source",
    [
        '<table background="http://evil.example/a.png"><tr><td>x</td></tr></table>',
        '<img srcset="https://evil.example/a.png 2x">',
        '<p style="background: url(https://evil.example/a.png)">x</p>',
        "<p style=\"background:URL( '//evil.example/a.png' )\">x</p>",
    ],
)
def test_other_remote_loads_go_and_are_counted(source: str) -> None:
    result = clean(source, remote_images=True)
    assert "evil" not in result.html
    assert result.blocked_remote == 1


@pytest.mark.parametrize(
    ("style", "kept"),
    [
        ("color: red; position: fixed; z-index: 9", "color:red"),
        ("background: #fff; color: rgb(1, 2, 3)", "background:#fff;color:rgb(1, 2, 3)"),
        ("color: red; background: image-set('a')", "color:red"),
        ("width: calc(100% - 2px)", "width:calc(100% - 2px)"),
        ("width: expression(alert(1)); color: red", "color:red"),
    ],
)
def test_styles_keep_what_is_harmless(style: str, kept: str) -> None:
    assert f'style="{kept}"' in clean(f'<p style="{style}">x</p>').html


def test_a_style_with_escapes_goes() -> None:
    assert "75rl" not in clean('<p style="background:\\75rl(http://evil.example)">x</p>').html


def test_long_html_is_cut_and_says_so() -> None:
    assert clean("x" * (LENGTH_LIMIT + 1)).truncated
    assert not clean("x").truncated


def test_the_policy_allows_no_script_and_remote_images_only_on_request() -> None:
    for policy in (CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES):
        assert policy.startswith("default-src 'none';")
        assert "script" not in policy
    assert "https:" not in CONTENT_SECURITY_POLICY
    assert "img-src 'self' data: https: http:;" in CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES


@given(markup)
def test_any_markup_becomes_safe(source: str) -> None:
    Shown(sanitize_html(source, lambda content_id: "/mail/1/parts/2").html)


@given(markup)
def test_nothing_is_loaded_from_elsewhere(source: str) -> None:
    shown = sanitize_html(source, no_parts).html
    assert not re.search(r"<[^>]*\ssrc=", shown)
