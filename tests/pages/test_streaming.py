import asyncio
from collections.abc import Iterator

from django.test import AsyncRequestFactory, RequestFactory

from mail.store.readers import stop_readers
from moxsite.pages.streaming import streamed


def test_under_asgi_a_piece_is_made_when_the_one_before_was_taken() -> None:
    made = 0

    def pieces() -> Iterator[bytes]:
        nonlocal made
        for _ in range(1000):
            made += 1
            yield b"x" * 1000

    async def take_three() -> None:
        response = streamed(AsyncRequestFactory().get("/"), pieces(), "text/plain")
        taken = 0
        async for piece in response:
            assert piece == b"x" * 1000
            taken += 1
            if taken == 3:
                break

    try:
        asyncio.run(take_three())
    finally:
        stop_readers()
    assert made == 3


def test_under_asgi_all_pieces_come_in_order() -> None:
    async def take_all() -> list[bytes]:
        response = streamed(AsyncRequestFactory().get("/"), iter([b"a", b"b", b"c"]), "text/plain")
        return [piece async for piece in response]

    try:
        assert asyncio.run(take_all()) == [b"a", b"b", b"c"]
    finally:
        stop_readers()


def test_under_wsgi_pieces_are_passed_on() -> None:
    response = streamed(RequestFactory().get("/"), iter([b"a", b"b"]), "text/plain")
    assert not response.is_async
    assert response.getvalue() == b"ab"
