from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.html_elements import VOID
from mail.mime.html_nesting import DEPTH_LIMIT, FORMATTING_LIMIT, TAG_LIMIT, bound_nesting

PIECES = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<font color=red>",
    "</font>",
    "<div>",
    "</div>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "</table>",
    "<ul>",
    "<li>",
    "</ul>",
    "<br>",
    "<a href='x'>",
    "</a>",
    "<!--",
    "-->",
    "<",
    ">",
    '"',
    "'",
    "=",
    "text",
    "<style>",
    "</style>",
    "<script>",
    "</script>",
    "&lt;",
    '<p title="',
    "<![if mso]>",
    "</",
    "<img src=x alt='>'>",
    "\x00",
]
markup = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)


class Nesting(HTMLParser):
    """Says how deep elements nest and fails when they are not closed in order."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.depth = self.tags = 0
        self.feed(source)
        self.close()
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags += 1
        if tag not in VOID:
            self.open.append(tag)
            self.depth = max(self.depth, len(self.open))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("plain &amp; text", "plain &amp; text"),
        ("<p>one<p>two", "<p>one</p><p>two</p>"),
        ("<P CLASS='a'>x</P>", '<p CLASS="a">x</p>'),
        ("<b><i>x</b></i>", "<b><i>x</i></b>"),
        ("<ul><li>a<ul><li>b</ul><li>c</ul>", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
        (
            "<table><tr><td>a<td>b<tr><td>c</table>",
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
        ),
        ("<td><b>x</td></b>y", "<td><b>x</b></td>y"),
        ("<div><td></div></td>", "<div><td></td></div>"),
        ("a<!-- <b> -->c<!DOCTYPE html><?x?>", "ac"),
        ("a<style>p > b { }</style>b<script>'</b>'</script >c", "abc"),
        ("a<script>never ends", "a"),
        ("1 < 2 <3", "1 &lt; 2 &lt;3"),
        ("<unknown>x</unknown>", "x"),
        ('<a href="?a=1&copy=2">x</a>', '<a href="?a=1&copy=2">x</a>'),
        ("<a title='\"<>'>x</a>", '<a title="&quot;&lt;&gt;">x</a>'),
        ("<br/>x<hr />", "<br>x<hr>"),
        ("<p a=1", '<p a="1"></p>'),
        ("x</p></b>", "x"),
    ],
)
def test_markup_is_rewritten_with_the_same_content(source: str, expected: str) -> None:
    assert bound_nesting(source) == expected


@pytest.mark.parametrize("unit", ["<div>", "<ul><li>", "<table><tr><td>", "<span>", "<blockquote><p>"])
def test_deep_nesting_is_cut(unit: str) -> None:
    assert Nesting(bound_nesting(unit * 5000 + "x")).depth <= DEPTH_LIMIT


def test_formatting_elements_nest_a_dozen_times() -> None:
    source = "<p>" + "".join(f"<font color={number}>" for number in range(1000)) + "<p>x" * 1000
    rewritten = Nesting(bound_nesting(source))
    assert rewritten.depth == FORMATTING_LIMIT + 1
    assert rewritten.tags == 1001 + FORMATTING_LIMIT


def test_tags_behind_the_limit_go_and_their_text_stays() -> None:
    rewritten = bound_nesting("<br>" * TAG_LIMIT + "<b>text</b> 1 < 2")
    assert rewritten.replace("<br>", "") == " text  1 &lt; 2"


def test_a_tag_keeps_a_bounded_number_of_attributes() -> None:
    source = "<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">x</p>"
    assert len(bound_nesting(source)) < 500


@pytest.mark.parametrize(
    "piece",
    [
        "<",
        "<!--",
        '<a b="',
        "<a b='\"",
        "<a ",
        "</",
        "<script>",
        "<style",
        "&",
        "<p>",
        "<b><p>",
        "<a\n",
        "<a b ",
    ],
)
def test_hostile_repetition_is_no_work(piece: str) -> None:
    assert len(bound_nesting(piece * 100_000)) < 20 * 100_000 * len(piece) + 1000


@given(markup)
def test_any_markup_becomes_well_nested(source: str) -> None:
    Nesting(bound_nesting(source))


@given(markup)
def test_rewriting_again_changes_nothing(source: str) -> None:
    once = bound_nesting(source)
    assert bound_nesting(once) == once
