"""Which path of the backend a request goes to."""

import re

import pytest

from tests.webserver.web import forward
from webserver.handlers.forward.target import join_target, target_path
from webserver.routing.paths import clean_path


@pytest.mark.parametrize(
    ("strip", "base", "path", "target"),
    [
        (False, "/", "/app/x", "/app/x"),
        (False, "", "/app/x", "/app/x"),
        (False, "/base", "/app/x", "/base/app/x"),
        (True, "/base", "/app/x", "/base/x"),
        (True, "/base", "/app/", "/base"),
        (True, "", "/app/", "/"),
        (True, "/base/", "/app/x", "/base/x"),
        (False, "/base/", "/app/a%2fb", "/base/app/a%2fb"),
        (True, "/base/", "/app/a%2fb%20c", "/base/a/b%20c"),
        (True, "", "/app/%3fx", "/%3Fx"),
    ],
)
def test_the_paths_are_joined_with_one_slash(strip: bool, base: str, path: str, target: str) -> None:
    settings = forward(base, strip=strip)
    found = target_path(clean_path(path), re.compile("^/app/"), strip=strip)
    assert join_target(settings.backends[0], found, "") == target


def test_the_query_of_the_backend_comes_first() -> None:
    backend = forward("/b", query="key=1").backends[0]
    assert join_target(backend, "/x", "y=2") == "/b/x?key=1&y=2"
    assert join_target(backend, "/x", "") == "/b/x?key=1"


def test_only_what_matches_at_the_start_is_stripped() -> None:
    found = target_path(clean_path("/b/x"), re.compile("^/a|/b"), strip=True)
    assert found == "/x"
