from mail.models import LogLevel
from tests.admin.filling_in import fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World


def test_levels_are_set_on_the_page_which_shows_what_each_part_has(world: World) -> None:
    client = visit_as(world.admin)
    saved = fill_in(client, "/admin/mail/loglevel/add/", package="delivery", level="traceauth")
    assert saved.status_code == 302
    assert LogLevel.objects.get().level == "traceauth"
    text = page(client, "/admin/mail/loglevel/")
    assert '<td><code>delivery.queue</code></td><td><span class="chip red">traceauth</span></td>' in text
    assert '<td><code>mail</code></td><td><span class="chip grey">info</span></td>' in text
