from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.world.indexing import found, index
from tests.world.mailboxes import fill
from tests.world.world import World

PIECES = st.sampled_from(
    ["from:", "-", '"', "in:", "before:", "2026", "is:unread", " ", "*", ":", "é", "東京", "'", "\\", "\x00",
     "ﬀ", "has:attachment", "tag:", "NOT", "AND", "letter", "𐐀", "ᜀ", "%", "|", "&", "!"]
)  # fmt: skip


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40) | st.lists(PIECES, max_size=12).map("".join))
def test_any_text_is_looked_for_without_complaint(world: World, text: str) -> None:
    found(world, text)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    subject=st.text(
        st.characters(categories=("L", "N", "Zs", "P"), max_codepoint=0x2FFFF), min_size=1, max_size=20
    )
)
def test_a_message_is_found_by_the_words_of_its_subject(world: World, subject: str) -> None:
    from mail.search.words import words_of
    from tests.world.letters import letter

    clean = " ".join(words_of(letter(subject).decode().split("Subject: ", 1)[1].split("\r\n")[0]))
    fill(world, world.alice, subject)
    index(world)
    if clean:
        assert found(world, f'subject:"{clean}"')
