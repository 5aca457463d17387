import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moxsite.pages.plain import plain_as_html

PIECES = st.sampled_from(
    ["http://", "https://", "a.example", "<", ">", "&", '"', "'", "\n", " ", ")", "(", ".", "javascript:"]
)


@given(st.lists(PIECES).map("".join))
def test_nothing_is_lost_or_added_but_links_and_quotes(text: str) -> None:
    shown = str(plain_as_html(text))
    without_tags = re.sub(
        r'</?a(?: href="[^"<>]*" target="_blank" rel="noopener noreferrer nofollow")?>', "", shown
    )
    without_tags = re.sub(r'<span class="quoted">|</span>', "", without_tags)
    assert "<" not in without_tags
    assert html.unescape(without_tags) == text


@pytest.mark.parametrize(
    ("text", "link"),
    [
        ("see https://a.example/x.", "https://a.example/x"),
        ("(https://a.example/x)", "https://a.example/x"),
        ("https://a.example/x_(y)", "https://a.example/x_(y)"),
        ("<https://a.example/?a=1&b=2>", "https://a.example/?a=1&b=2"),
    ],
)
def test_a_link_ends_where_the_sentence_goes_on(text: str, link: str) -> None:
    found = re.search(r'href="([^"]+)"', plain_as_html(text))
    assert found
    assert html.unescape(found[1]) == link


def test_other_schemes_are_no_links() -> None:
    assert "href" not in plain_as_html("javascript:alert(1) data:text/html,x file:///etc/passwd")
