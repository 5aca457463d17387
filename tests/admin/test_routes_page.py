from delivery.models import Route, Transport
from tests.admin.filling_in import errors_of, fill_in
from tests.pages.visiting import page, visit_as
from tests.world.world import World

ROUTES = "/admin/delivery/route/"


def make_routes(world: World, count: int, **owner: object) -> list[int]:
    transport, _ = Transport.objects.get_or_create(name="refuse", kind="fail")
    return [
        Route.objects.create(transport=transport, to_domains=[f"{number}.example"], position=7, **owner).pk
        for number in range(count)
    ]


def order(**owner: object) -> list[int]:
    rows = Route.objects.filter(**{"account": None, "domain": None, **owner}).order_by("position", "id")
    return list(rows.values_list("pk", flat=True))


def test_a_route_moves_up_and_down_and_all_are_numbered_anew(world: World) -> None:
    first, second, third = make_routes(world, 3)
    client = visit_as(world.admin)
    assert client.post(f"{ROUTES}{third}/move/up/").headers["Location"] == ROUTES
    assert order() == [first, third, second]
    client.post(f"{ROUTES}{first}/move/down/")
    assert order() == [third, first, second]
    assert list(Route.objects.order_by("position").values_list("position", flat=True)) == [1, 2, 3]


def test_at_the_ends_nothing_moves(world: World) -> None:
    first, second = make_routes(world, 2)
    client = visit_as(world.admin)
    client.post(f"{ROUTES}{first}/move/up/")
    client.post(f"{ROUTES}{second}/move/down/")
    assert order() == [first, second]


def test_routes_of_others_keep_their_order(world: World) -> None:
    make_routes(world, 2)
    own = make_routes(world, 2, account=world.alice)
    before = order()
    response = visit_as(world.admin).post(f"{ROUTES}{own[0]}/move/down/")
    assert response.headers["Location"] == f"/admin/mail/account/{world.alice.pk}/change/"
    assert order(account=world.alice) == [own[1], own[0]]
    assert order() == before


def test_moving_needs_a_post_and_an_admin(world: World) -> None:
    first, second = make_routes(world, 2)
    assert visit_as(world.admin).get(f"{ROUTES}{second}/move/up/").status_code == 405
    assert visit_as(world.alice.login).post(f"{ROUTES}{second}/move/up/").status_code == 302
    assert visit_as(world.admin).post(f"{ROUTES}{second}/move/sideways/").status_code == 404
    assert order() == [first, second]


def test_the_list_shows_the_global_routes_in_their_order(world: World) -> None:
    make_routes(world, 2)
    make_routes(world, 1, domain=world.example_org)
    text = page(visit_as(world.admin), ROUTES)
    assert text.index("0.example") < text.index("1.example")
    assert "2 routes" in text
    assert "Asked before: domains" in text


def test_a_new_route_stands_last_and_takes_domains_in_any_division(world: World) -> None:
    make_routes(world, 2)
    transport = Transport.objects.get()
    response = fill_in(
        visit_as(world.admin),
        f"{ROUTES}add/",
        to_domains="A.example, .b.example\nmünchen.example;A.example",
        transport=str(transport.pk),
    )
    assert response.status_code == 302, errors_of(response)
    route = Route.objects.get(pk=order()[-1])
    assert route.to_domains == ["a.example", ".b.example", "xn--mnchen-3ya.example"]
    assert route.position == 8


def test_a_wrong_pattern_is_refused_beside_its_field(world: World) -> None:
    make_routes(world, 1)
    transport = str(Transport.objects.get().pk)
    response = fill_in(visit_as(world.admin), f"{ROUTES}add/", to_domains="a..b", transport=transport)
    (error,) = errors_of(response)
    assert "a..b" in error


def test_a_domain_page_adds_a_route_of_its_own(world: World) -> None:
    make_routes(world, 1)
    typed = {
        "routes-TOTAL_FORMS": "1",
        "routes-0-to_domains": "x.example",
        "routes-0-minimum_attempts": "3",
        "routes-0-transport": str(Transport.objects.get().pk),
    }
    url = f"/admin/mail/domain/{world.example_org.pk}/change/"
    response = fill_in(visit_as(world.admin), url, **typed)
    assert response.status_code == 302, errors_of(response)
    assert world.example_org.routes.get().minimum_attempts == 3
