"""Well-formed messages are read as Python's email package reads them."""

from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from hypothesis import given, settings
from hypothesis import strategies as st

from mail.mime.decode import decode_transfer
from mail.mime.part_index import PartIndex
from tests.mime.messages import part_index

words = st.text("abc -.=\r\n", max_size=80).map(lambda text: text.replace("\r", ""))
names = st.sampled_from(["a.txt", "übung.pdf", "two words.png", 'quo"te.bin', "long" * 30 + ".txt"])


@st.composite
def letters(draw: st.DrawFn, depth: int = 2) -> EmailMessage:
    letter = EmailMessage(policy=policy.SMTP)
    letter["Subject"] = draw(st.sampled_from(["x", "Grüße", "a long subject " * 10]))
    letter.set_content(draw(words), cte=draw(st.sampled_from(["7bit", "quoted-printable", "base64"])))
    if draw(st.booleans()):
        letter.add_alternative(f"<p>{draw(words)}</p>", subtype="html")
    for _ in range(draw(st.integers(0, 3))):
        if depth and draw(st.booleans()):
            letter.add_attachment(draw(letters(depth=depth - 1)))
        else:
            letter.add_attachment(
                draw(st.binary(max_size=200)), maintype="application", subtype="pdf", filename=draw(names)
            )
    return letter


@settings(max_examples=150, deadline=None)
@given(letters())
def test_structure_and_content_agree(letter: EmailMessage) -> None:
    raw = letter.as_bytes()
    index = part_index(raw)
    expected = list(message_from_bytes(raw, policy=policy.compat32).walk())
    assert len(index.parts) == len(expected)
    for position, message in enumerate(expected):
        _check(raw, index, position, message)


def _check(raw: bytes, index: PartIndex, position: int, message: Message) -> None:
    part = index.parts[position]
    assert part.content_type == message.get_content_type()
    assert part.charset == (message.get_content_charset() or "")
    assert part.disposition == (message.get_content_disposition() or "")
    assert part.filename == (message.get_filename() or "")
    if message.is_multipart():
        assert len(list(index.children(position))) == len(message.get_payload())
    else:
        body = raw[part.body_offset : part.body_end]
        decoded = b"".join(decode_transfer([body], part.encoding))
        assert decoded == message.get_payload(decode=True)
