"""manage.py webserver explain: the same decision, on the command line."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.configfile.applying import apply
from tests.world.world import World

pytestmark = pytest.mark.only_database("sqlite")


def explained(*arguments: str) -> list[str]:
    out = StringIO()
    call_command("webserver", "explain", *arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def site(world: World, tmp_path: Path) -> Path:
    """Files first, then an application, at www.example.org."""
    (tmp_path / "page.html").write_text("x")
    (tmp_path / "folder").mkdir()
    (tmp_path / "out").symlink_to("/etc")
    apply(f"""
[web.redirects]
"old.example" = "www.example.org"
[[web.handlers]]
name = "files"
domain = "www.example.org"
path = "^/"
static = {{ root = "{tmp_path}", continue_not_found = true }}
[[web.handlers]]
name = "app"
domain = "www.example.org"
path = "^/app/"
forward = {{ url = "http://127.0.0.1:8123/base", strip_path = true }}
""")
    return tmp_path


def test_every_step_is_told_with_its_reason_and_the_last_line_names_the_handler(site: Path) -> None:
    lines = explained("https://www.example.org/app/%61?b=c")
    assert lines[0] == "GET https://www.example.org/app/%61?b=c"
    assert lines[1] == "handlers see the path /app/a"
    assert f"  -- files: nothing is found at {site}/app/a, and it continues when nothing is found" in lines
    assert "  -> app: forwards" in lines
    assert lines[-2:] == ["target: http://127.0.0.1:8123/base/a?b=c", "handler: app"]


def test_files_are_looked_for_as_they_are_now(site: Path) -> None:
    assert explained("https://www.example.org/page.html")[-3:] == [
        f"target: {site}/page.html",
        "status: 200",
        "handler: files",
    ]
    assert explained("https://www.example.org/folder?x")[-3] == "target: /folder/?x"
    assert explained("https://www.example.org/folder/")[-1] == "handler: (nomatch)"
    assert explained("https://www.example.org/out/passwd")[-2:] == ["status: 403", "handler: files"]


def test_plain_http_redirects_and_other_hosts_are_told(site: Path) -> None:
    assert explained("http://www.example.org/x")[-3:] == [
        "target: https://www.example.org/x",
        "status: 308",
        "handler: files",
    ]
    assert explained("old.example/x")[-1] == "handler: (domainredirect)"
    assert explained("http://localhost/")[-1] == "handler: (pages)"


def test_method_and_headers_count(site: Path) -> None:
    lines = explained(
        "https://www.example.org/app/page.html", "--method", "POST", "--header", "Upgrade: websocket"
    )
    assert "  -> app: forwards, as a websocket" in lines
    assert explained("https://127.0.0.1/x", "--header", "Host: www.example.org")[-1] == "handler: (nomatch)"


def test_programs_get_json(site: Path) -> None:
    (line,) = explained("https://www.example.org/page.html", "--json")
    found = json.loads(line)
    assert (found["handler"], found["status"]) == ("files", 200)
    assert [step["decides"] for step in found["steps"]].count(True) == 1


@pytest.mark.parametrize(
    "arguments",
    [["ftp://x.example/"], ["https://a b/"], ["https://x.example/", "--method", "a b"],
     ["https://x.example/", "--header", "nonsense"], ["https://x.example/", "--client", "x"]],
)  # fmt: skip
def test_what_can_not_be_asked_is_said(world: World, arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        explained(*arguments)
