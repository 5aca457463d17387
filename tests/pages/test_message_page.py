import re

from mail.models import Flag
from moxsite.pages.message import TEXT_SHOWN
from tests.pages.visiting import PREFIX, letter_with_everything, page, receive, visit_as
from tests.world.letters import letter
from tests.world.world import World


def urls(text: str, kind: str) -> list[str]:
    return re.findall(rf'(?:href|src)="(/mail/\d+/\d+/{kind}/[^"]*)"', text)


def open_newest(world: World, raw: bytes) -> tuple[str, str]:
    message = receive(world, world.alice, raw)
    url = f"/mail/{message.mailbox_id}/{message.uid}/"
    return url, page(visit_as(world.alice.login), url)


def test_opening_a_message_marks_it_as_read(world: World) -> None:
    message = receive(world, world.alice, letter())
    client = visit_as(world.alice.login)
    url = f"/mail/{message.mailbox_id}/{message.uid}/"
    assert client.head(url).status_code == 200
    assert world.inbox(world.alice).unseen == 1
    page(client, url)
    assert world.inbox(world.alice).unseen == 0
    assert world.messages(world.alice)[0].flags & Flag.SEEN


def test_plain_text_is_shown_with_its_links(world: World) -> None:
    _, text = open_newest(
        world, letter(body=b"<b>Look</b>: https://remote.example/a?b=1&c=2.\r\n> quoted\r\n")
    )
    assert "&lt;b&gt;Look&lt;/b&gt;" in text
    assert '<a href="https://remote.example/a?b=1&amp;c=2" target="_blank"' in text
    assert '<span class="quoted">&gt; quoted</span>' in text


def test_html_is_shown_in_a_frame_that_can_do_nothing(world: World) -> None:
    _, text = open_newest(world, letter_with_everything())
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in text
    assert "Plain words" not in text
    assert "Rich" not in text
    response = visit_as(world.alice.login).get(urls(text, "html")[0])
    body = response.content.decode()
    assert "Rich <b>words</b>" in body
    assert "alert(1)" not in body
    assert "tracker.example" not in body
    assert 'src="data:image/png;base64,' in body
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "allow-scripts" not in policy
    assert "allow-same-origin" not in policy


def test_images_from_elsewhere_load_only_when_asked_for(world: World) -> None:
    url, _ = open_newest(world, letter_with_everything())
    client = visit_as(world.alice.login)
    text = page(client, f"{url}?images=load")
    (frame,) = urls(text, "html")
    assert frame.endswith("?images=load")
    assert "https://tracker.example/x" in page(client, frame)


def test_the_plain_text_can_be_chosen(world: World) -> None:
    url, _ = open_newest(world, letter_with_everything())
    text = page(visit_as(world.alice.login), f"{url}?view=text")
    assert "Plain words" in text
    assert "<iframe" not in text
    assert len(urls(text, "parts")) == 2


def test_attachments_come_decoded_with_their_name(world: World) -> None:
    _, text = open_newest(world, letter_with_everything())
    pdf, _ = urls(text, "parts")
    response = visit_as(world.alice.login).get(pdf)
    assert response.getvalue() == b"%PDF-1.4 " * 100
    assert response.headers["Content-Type"] == "application/pdf"
    disposition = response.headers["Content-Disposition"]
    assert disposition == "attachment; filename*=utf-8''Z%C3%BCrich%20%E2%80%93%20plan.pdf"


def test_an_attached_page_is_no_page_of_ours(world: World) -> None:
    _, text = open_newest(world, letter_with_everything())
    _, evil = urls(text, "parts")
    response = visit_as(world.alice.login).get(evil)
    assert response.headers["Content-Type"] == "application/octet-stream"
    assert response.headers["Content-Disposition"] == 'attachment; filename="evil.html"'
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("sandbox;")


def test_a_long_text_is_cut_and_the_rest_is_a_link_away(world: World) -> None:
    body = b"All work and no play makes Jack a dull boy.\r\n" * 20_000
    _, text = open_newest(world, letter(body=body))
    assert len(text) < TEXT_SHOWN + 10_000
    (rest,) = urls(text, "parts")
    response = visit_as(world.alice.login).get(rest)
    assert response.getvalue() == body
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["Content-Disposition"].startswith("inline")


def test_the_download_is_the_message_byte_for_byte(world: World) -> None:
    raw = letter(body=bytes(range(256)) * 5000)
    url, _ = open_newest(world, raw)
    response = visit_as(world.alice.login).get(f"{url}raw/")
    assert response.getvalue() == PREFIX + raw
    assert response.headers["Content-Length"] == str(len(PREFIX + raw))
    assert response.headers["Content-Type"] == "message/rfc822"


def test_the_header_is_shown_with_what_was_added_on_arrival(world: World) -> None:
    url, _ = open_newest(world, letter("=?utf-8?q?Gr=C3=BC=C3=9Fe?="))
    text = page(visit_as(world.alice.login), f"{url}headers/")
    assert "Return-Path" in text
    assert "Grüße" in text


def test_the_message_of_somebody_else_is_not_there(world: World) -> None:
    message = receive(world, world.bob, letter_with_everything())
    client = visit_as(world.alice.login)
    for box in (message.mailbox_id, world.inbox(world.alice).pk):
        for page_name in ("", "headers/", "raw/", "html/0/", "parts/0/"):
            assert client.get(f"/mail/{box}/{message.uid}/{page_name}").status_code == 404
    assert world.inbox(world.bob).unseen == 1


def test_a_part_that_is_not_there_is_not_found(world: World) -> None:
    url, _ = open_newest(world, letter())
    client = visit_as(world.alice.login)
    assert client.get(f"{url}parts/99999999999999999999/").status_code == 404
    assert client.get(f"{url}html/0/").status_code == 404


BROKEN = [
    b"",
    b"\r\n",
    b"no header at all",
    b"Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n--x\r\n--x--",
    b"Content-Type: multipart/alternative; boundary=x\r\n\r\n",
    b"Content-Type: text/html; charset=nonsense\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!!",
    b'Subject: \xff\xfe\x00\r\nContent-Type: image/svg+xml; name="../../x\r\n\ty"\r\n\r\n<svg/>',
]


def test_a_broken_message_can_be_opened(world: World) -> None:
    client = visit_as(world.alice.login)
    for raw in BROKEN:
        url, text = open_newest(world, raw)
        for address in [f"{url}headers/", f"{url}raw/", *urls(text, "parts"), *urls(text, "html")]:
            response = client.get(address)
            assert response.status_code == 200
            assert response.getvalue() is not None
