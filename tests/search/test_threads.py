from mail.models import Message
from mail.store.accept import AcceptMessage
from tests.world.indexing import index
from tests.world.letters import new_content, to_inbox
from tests.world.world import World


def put(world: World, own: str, *references: str, in_reply_to: str = "", mailbox: str = "Inbox") -> None:
    fields = [f"From: carol@remote.example\r\nSubject: {own}\r\nMessage-ID: <{own}@x>\r\n"]
    if references:
        fields.append("References: " + " ".join(f"<{each}@x>" for each in references) + "\r\n")
    if in_reply_to:
        fields.append(f"In-Reply-To: <{in_reply_to}@x>\r\n")
    raw = "".join(fields).encode() + b"\r\ntext\r\n"
    delivery = to_inbox(world.alice, mailbox=mailbox)
    world.writer.submit(AcceptMessage(new_content(raw), (delivery,))).result()


def threads(world: World) -> dict[str, int | None]:
    index(world)
    return {m.content.subject: m.thread for m in Message.objects.select_related("content")}


def test_replies_are_with_what_they_answer_in_any_mailbox(world: World) -> None:
    put(world, "a")
    put(world, "b", "a", mailbox="Sent")
    put(world, "c", "a", "b")
    put(world, "other")
    found = threads(world)
    assert found["a"] == found["b"] == found["c"] != found["other"]


def test_a_reply_that_names_only_its_parent_follows_it(world: World) -> None:
    put(world, "a")
    put(world, "b", in_reply_to="a")
    assert index(world) == 2
    put(world, "c", in_reply_to="b")
    found = threads(world)
    assert found["a"] == found["b"] == found["c"]


def test_replies_that_came_first_meet_the_message_later(world: World) -> None:
    put(world, "c", "a", "b")
    put(world, "b", in_reply_to="a")
    index(world)
    put(world, "a")
    found = threads(world)
    assert found["a"] == found["b"] == found["c"]


def test_messages_without_ids_are_conversations_of_their_own(world: World) -> None:
    for subject in ("x", "y"):
        raw = f"Subject: {subject}\r\n\r\n".encode()
        world.writer.submit(AcceptMessage(new_content(raw), (to_inbox(world.alice),))).result()
    found = threads(world)
    assert found["x"] != found["y"]


def test_the_same_ids_in_two_accounts_are_two_conversations(world: World) -> None:
    raw = b"Message-ID: <a@x>\r\n\r\n"
    copies = (to_inbox(world.alice), to_inbox(world.bob))
    world.writer.submit(AcceptMessage(new_content(raw), copies)).result()
    index(world)
    one, other = Message.objects.values_list("thread", flat=True)
    assert one != other
