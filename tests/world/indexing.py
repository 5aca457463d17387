"""Making mail findable at once, where the background worker would do it soon."""

from mail.models import Message
from mail.search.finding import Search
from mail.search.indexing import index_new_messages
from mail.search.keys import message_of
from mail.search.query import parse_query
from tests.world.world import World


def index(world: World) -> int:
    """Index what is not; how many messages that were."""
    return index_new_messages(world.writer)


def found(world: World, text: str) -> list[str]:
    """The subjects of alice's messages that a query finds, the newest first."""
    keys = Search(world.alice, parse_query(text)).newest(100)
    messages = Message.objects.select_related("content").in_bulk([message_of(key) for key in keys])
    return [messages[message_of(key)].content.subject for key in keys]
