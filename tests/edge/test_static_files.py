"""Files served below a root, as browsers ask for them."""

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from mail.zstandard import zstd
from tests.edge.serving import EdgeUnderTest
from tests.edge.sites import HOST, handler, site
from webserver.routing.values import StaticSettings

TEXT = b"All that is gold does not glitter.\n" * 100


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    root = folder / "root"
    for path in (root / "dir/inner", root / "empty", root / "odd/index.html"):
        path.mkdir(parents=True)
    (folder / "secret.txt").write_bytes(b"secret")
    (folder / "root2").mkdir()
    (folder / "root2/secret.txt").write_bytes(b"secret")
    (root / "a.txt").write_bytes(b"0123456789")
    (root / "long.txt").write_bytes(TEXT)
    (root / "style.css").write_bytes(b"body { margin: 0 }" * 100)
    (root / "style.css.br").write_bytes(b"precompressed br")
    (root / "style.css.gz").write_bytes(b"precompressed gzip")
    (root / "stale.css").write_bytes(b"new" * 1000)
    (root / "stale.css.gz").write_bytes(b"old")
    os.utime(root / "stale.css.gz", (1, 1))
    (root / "page").write_bytes(b"<!DOCTYPE html><p>Hello")
    (root / "bytes").write_bytes(bytes(range(256)))
    (root / "dir/index.html").write_bytes(b"<p>index")
    (root / "empty/odd name?#:&<.txt").write_bytes(b"x" * 1234)
    (root / "empty/sub").mkdir()
    (root / "outside.txt").symlink_to(folder / "secret.txt")
    (root / "inside.txt").symlink_to("a.txt")
    (root / "up").symlink_to("..")
    with (root / "large.bin").open("wb") as file:
        for number in range(3000):
            file.write(number.to_bytes(2, "big") * 512)
    os.mkfifo(root / "fifo")
    return root


@pytest.fixture(scope="module")
def edge(root: Path) -> Iterator[EdgeUnderTest]:
    headers = (("X-Frame-Options", "DENY"),)
    plain = StaticSettings(str(root), response_headers=headers)
    with site(
        handler(StaticSettings(str(root), "/zz"), "prefix", "^/zz"),
        handler(StaticSettings(str(root), "/list", list_files=True), "list", "^/list/"),
        handler(StaticSettings(str(root), "/packed"), "packed", "^/packed/", compress=True),
        handler(StaticSettings(str(root), "/links", follow_symlinks=True), "links", "^/links/"),
        handler(StaticSettings(str(root), "/try", continue_not_found=True), "try", "^/try/"),
        handler(StaticSettings(str(root / "dir"), "/try"), "after", "^/try/"),
        handler(plain, "plain"),
    ) as running:
        yield running


def test_a_file_comes_with_its_type_and_what_identifies_it(edge: EdgeUnderTest) -> None:
    answer = edge.get("/a.txt")
    assert (answer.status, answer.content) == (200, b"0123456789")
    assert answer["content-type"] == "text/plain; charset=utf-8"
    assert answer["x-frame-options"] == "DENY"
    assert answer["etag"].startswith('"')
    assert answer["last-modified"].endswith("GMT")
    assert edge.recorder.exchanges[-1].handler == "plain"


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/style.css", "text/css; charset=utf-8"),
        ("/page", "text/html; charset=utf-8"),
        ("/bytes", "application/octet-stream"),
        ("/dir/", "text/html; charset=utf-8"),
        ("/style.css.gz", "application/gzip"),
    ],
)
def test_the_type_is_that_of_the_extension_or_else_of_the_content(
    edge: EdgeUnderTest, path: str, content_type: str
) -> None:
    assert edge.get(path)["content-type"] == content_type


def test_a_folder_without_its_slash_leads_there_and_keeps_the_query(edge: EdgeUnderTest) -> None:
    answer = edge.get("/dir?q=1&r=%20")
    assert (answer.status, answer["location"]) == (307, "/dir/?q=1&r=%20")
    assert edge.get("/zz").status == 307
    assert edge.get("/zz")["location"] == "/zz/"


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/none", 404),
        ("/a.txt/", 404),
        ("/a.txt/b", 404),
        ("/a%00b", 404),
        ("/" + "x" * 256, 404),
        ("/try/" + "x" * 256, 404),
        ("/empty/", 403),
        ("/odd/", 403),
        ("/fifo", 403),
        ("/zz/a.txt", 200),
        ("/zza.txt", 404),
        ("/zz/", 403),
    ],
)
def test_what_is_not_there_or_not_for_reading(edge: EdgeUnderTest, path: str, status: int) -> None:
    assert edge.get(path).status == status


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/..%2fsecret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2f%2e%2e%2fetc/passwd",
        "/dir/../../secret.txt",
        "/zz../secret.txt",
        "/zz..%2froot2/secret.txt",
        "//etc/passwd",
        "/up/secret.txt",
        "/outside.txt",
        "/..;/secret.txt",
        "/.%00./secret.txt",
        "/dir/..\\..\\secret.txt",
        "/zz/..%c0%af..%c0%afsecret.txt",
    ],
)
def test_nothing_outside_of_the_root_can_be_read(edge: EdgeUnderTest, path: str) -> None:
    answer = edge.get(path)
    assert answer.status in (400, 403, 404)
    assert b"secret" not in answer.content


def test_links_work_inside_and_lead_outside_only_when_that_is_wanted(edge: EdgeUnderTest) -> None:
    assert edge.get("/inside.txt").content == b"0123456789"
    assert edge.get("/links/outside.txt").content == b"secret"


def test_other_methods_are_refused_or_left_to_the_next_handler(edge: EdgeUnderTest) -> None:
    answer = edge.get("/a.txt", HOST, "Content-Length: 0", method="POST")
    assert (answer.status, answer["allow"]) == (405, "GET, HEAD")
    assert edge.get("/try/a.txt", HOST, "Content-Length: 0", method="POST").status == 405
    assert edge.recorder.exchanges[-1].handler == "after"


def test_what_is_not_found_is_left_to_the_next_handler_when_that_is_wanted(edge: EdgeUnderTest) -> None:
    assert edge.get("/try/a.txt").content == b"0123456789"
    assert edge.recorder.exchanges[-1].handler == "try"
    assert edge.get("/try/index.html").content == b"<p>index"
    assert edge.recorder.exchanges[-1].handler == "after"
    assert edge.get("/try/nowhere").status == 404


def test_listings_name_every_file_and_link_to_it(edge: EdgeUnderTest) -> None:
    answer = edge.get("/list/empty/")
    page = answer.content.decode()
    assert answer["content-type"] == "text/html; charset=utf-8"
    assert "odd name?#:&amp;&lt;.txt" in page
    assert "href='./odd%20name%3F%23%3A%26%3C.txt'" in page
    assert "title='1234 bytes'" in page
    assert "sub/" in page
    assert edge.get("/list/empty/odd%20name%3F%23%3A%26%3C.txt").status == 200
    head = edge.get("/list/empty/", method="HEAD")
    assert (head["content-length"], head.content) == (str(len(answer.content)), b"")


def test_a_client_that_has_the_file_is_told_so(edge: EdgeUnderTest) -> None:
    first = edge.get("/a.txt")
    again = edge.get("/a.txt", HOST, f"If-None-Match: W/{first['etag']}")
    assert (again.status, again.content, again["etag"]) == (304, b"", first["etag"])
    assert edge.get("/a.txt", HOST, f"If-Modified-Since: {first['last-modified']}").status == 304
    assert edge.get("/a.txt", HOST, "If-Modified-Since: yesterday").status == 200
    assert edge.get("/a.txt", HOST, 'If-Match: "other"').status == 412
    assert edge.get("/a.txt", HOST, "If-Unmodified-Since: Thu, 01 Jan 1970 00:00:00 GMT").status == 412
    since = f"If-Modified-Since: {first['last-modified']}"
    assert edge.get("/a.txt", HOST, 'If-None-Match: "other"', since).status == 200


@pytest.mark.parametrize(
    ("wanted", "status", "content"),
    [
        ("bytes=2-4", 206, b"234"),
        ("bytes=8-", 206, b"89"),
        ("bytes=-3", 206, b"789"),
        ("bytes=0-99", 206, b"0123456789"),
        ("bytes=10-", 416, None),
        ("bytes=-0", 416, None),
        ("bytes=4-2", 200, b"0123456789"),
        ("bytes=0-1,3-4", 200, b"0123456789"),
        ("lines=1-2", 200, b"0123456789"),
        ("bytes=99999999999999999999999-", 416, None),
        ("bytes=8-99999999999999999999999", 206, b"89"),
        ("bytes=-99999999999999999999999", 206, b"0123456789"),
        ("bytes=00000000000000000000008-", 206, b"89"),
    ],
)
def test_a_part_can_be_asked_for(
    edge: EdgeUnderTest, wanted: str, status: int, content: bytes | None
) -> None:
    answer = edge.get("/a.txt", HOST, f"Range: {wanted}")
    assert answer.status == status
    if content is not None:
        assert answer.content == content
    if status == 206:
        assert answer["content-range"].endswith("/10")
    if status == 416:
        assert answer["content-range"] == "bytes */10"


def test_a_part_of_another_version_is_the_whole(edge: EdgeUnderTest) -> None:
    tag = edge.get("/a.txt")["etag"]
    assert edge.get("/a.txt", HOST, "Range: bytes=2-4", f"If-Range: {tag}").status == 206
    assert edge.get("/a.txt", HOST, "Range: bytes=2-4", 'If-Range: "other"').status == 200


def test_large_files_are_sent_whole_and_in_part(edge: EdgeUnderTest, root: Path) -> None:
    content = (root / "large.bin").read_bytes()
    assert edge.get("/large.bin").content == content
    answer = edge.get("/large.bin", HOST, "Range: bytes=1000001-2000000")
    assert answer.content == content[1000001:2000001]
    assert edge.get("/large.bin", method="HEAD")["content-length"] == str(len(content))


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("gzip, br", "br"),
        ("zstd;q=0.9, gzip;q=1.0, br;q=0.1", "gzip"),
        ("*", "br"),
        ("br;q=0, zstd;q=0, *", "gzip"),
        ("gzip;q=0", ""),
        ("gzip;q=0, *;q=0", ""),
        ("identity;q=1, gzip;q=0.5", ""),
        ("deflate", ""),
        ("gzip;q=nonsense", ""),
        ("", ""),
    ],
)
def test_compression_follows_what_the_client_accepts(
    edge: EdgeUnderTest, accepted: str, encoding: str
) -> None:
    answer = edge.get("/packed/long.txt", HOST, f"Accept-Encoding: {accepted}")
    unpack = {
        "": bytes,
        "gzip": gzip.decompress,
        "br": brotli.decompress,
        "zstd": zstd.decompress,
    }
    assert answer["content-encoding"] == encoding
    assert unpack[encoding](answer.content) == TEXT
    assert answer["vary"] == "Accept-Encoding"


def test_what_is_small_or_in_part_or_not_asked_to_be_is_not_compressed(edge: EdgeUnderTest) -> None:
    accepting = "Accept-Encoding: gzip, br"
    assert edge.get("/packed/a.txt", HOST, accepting)["content-encoding"] == ""
    assert edge.get("/long.txt", HOST, accepting)["content-encoding"] == ""
    part = edge.get("/packed/long.txt", HOST, accepting, "Range: bytes=0-9")
    assert (part.status, part["content-encoding"], part.content) == (206, "", TEXT[:10])


def test_each_form_of_a_file_has_a_tag_of_its_own(edge: EdgeUnderTest) -> None:
    tags = {
        edge.get("/packed/long.txt", HOST, f"Accept-Encoding: {name}")["etag"] for name in ("gzip", "br", "x")
    }
    assert len(tags) == 3


def test_files_compressed_beforehand_are_used_unless_they_are_older(edge: EdgeUnderTest) -> None:
    assert edge.get("/style.css", HOST, "Accept-Encoding: gzip, br").content == b"precompressed br"
    packed = edge.get("/style.css", HOST, "Accept-Encoding: gzip")
    assert packed.content == b"precompressed gzip"
    assert packed["content-type"] == "text/css; charset=utf-8"
    assert packed["vary"] == "Accept-Encoding"
    assert edge.get("/style.css")["vary"] == "Accept-Encoding"
    assert edge.get("/stale.css", HOST, "Accept-Encoding: gzip").content == b"new" * 1000


def test_a_changed_file_is_sent_as_it_is_now(edge: EdgeUnderTest, root: Path) -> None:
    (root / "changing.txt").write_bytes(b"before")
    assert edge.get("/changing.txt").content == b"before"
    (root / "changing.txt").write_bytes(b"afterwards")
    assert edge.dispatcher is not None
    edge.loop.call_soon_threadsafe(edge.dispatcher._compiler.files.memory.clear)  # a second has gone by
    assert edge.get("/changing.txt").content == b"afterwards"
