from hypothesis import given
from hypothesis import strategies as st

from mail.search.plain_html import html_text
from mail.search.words import words_of


def test_words_stand_apart_where_tags_were() -> None:
    source = (
        "<table><td>one</td><td>two&amp;three</td></table><style>p {x}</style><!-- no --><p title='a>b'>four"
    )
    assert words_of(html_text(source)) == ["one", "two", "three", "b", "four"]


def test_scripts_and_unclosed_things_hide_no_text_behind_them() -> None:
    assert words_of(html_text("a<script>b</script>c <!-- d e <style>f")) == ["a", "c", "d", "e", "f"]
    assert words_of(html_text("1 < 2 <b>bold")) == ["1", "2", "bold"]


@given(st.text(st.sampled_from("<>!-/sctyle İ&#;\x00a"), max_size=200))
def test_any_text_is_read(source: str) -> None:
    html_text(source)


def test_time_grows_with_the_length_alone() -> None:
    for piece in ("<style ", "<!--", "<script>", "<", "</style"):
        html_text(piece * 60_000)
