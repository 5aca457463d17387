import re
from html import unescape

from moxsite.pages.cursor import PAGE
from tests.pages.visiting import page, visit_as
from tests.world.indexing import index
from tests.world.mailboxes import fill
from tests.world.world import World


def subjects(text: str) -> list[str]:
    return re.findall(r">([^<>]*)</a>[^<]*</td>", text)


def test_results_of_all_mailboxes_stand_in_one_list(world: World) -> None:
    fill(world, world.alice, "number one", "other")
    fill(world, world.alice, "number two", mailbox="Archive")
    index(world)
    text = page(visit_as(world.alice.login), "/mail/search/?q=number")
    assert subjects(text) == ["number two", "number one"]
    assert '<td class="place">Archive</td>' in text
    assert 'value="number"' in text


def test_following_older_and_newer_shows_every_result(world: World) -> None:
    fill(world, world.alice, *(f"number {number:03}" for number in range(2 * PAGE + 5)))
    index(world)
    client = visit_as(world.alice.login)
    seen, url, last = [], "/mail/search/?q=subject:number", ""
    while url:
        text, last = page(client, url), url
        seen += subjects(text)
        found = re.search(r'rel="next" href="([^"]*)"', text)
        url = "/mail/search/" + unescape(found[1]) if found else ""
    assert seen == [f"number {number:03}" for number in reversed(range(2 * PAGE + 5))]
    found = re.search(r'rel="prev" href="([^"]*)"', page(client, last))
    assert found
    assert subjects(page(client, "/mail/search/" + unescape(found[1]))) == seen[PAGE : 2 * PAGE]


def test_nothing_found_explains_the_language(world: World) -> None:
    text = page(visit_as(world.alice.login), "/mail/search/?q=nothing+is:odd")
    assert "Nothing found" in text
    assert "“is:odd” means nothing here" in text
    assert "has:attachment" in text


def test_an_empty_search_leads_to_the_list(world: World) -> None:
    response = visit_as(world.alice.login).get("/mail/search/?q=+")
    assert response.headers["Location"] == "/"


def test_what_is_not_indexed_yet_and_what_is_left_out_is_said(world: World) -> None:
    fill(world, world.alice, "one", mailbox="Junk")
    text = page(visit_as(world.alice.login), "/mail/search/?q=%3Cb%3Eone")
    assert "1 message that came in lately" in text
    assert "Junk is left out" in text
    assert "<b>one" not in text
    index(world)
    assert subjects(page(visit_as(world.alice.login), "/mail/search/?q=one in:anywhere")) == ["one"]
