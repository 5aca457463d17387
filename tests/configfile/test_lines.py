"""On which line of a file a value stands."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.configfile.problems import FilePath, key_text, path_text
from moxsite.configfile.lines import Lines

TEXT = '''# a comment
top = 1
[a."b.c"]   # header
x.y = 2
long = [
  "one",
  "two",
]
inline = { deep = { er = 1 } }
text = """
[not.a.header]
key = 1
"""
[[list]]
x = 1

[[list]]
x = 2
[[list.inner]]
y = 1
[list.table]
z = 1
'''


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("top",), 2),
        (("a",), 3),
        (("a", "b.c"), 3),
        (("a", "b.c", "x", "y"), 4),
        (("a", "b.c", "long"), 5),
        (("a", "b.c", "long", 1), 5),
        (("a", "b.c", "inline", "deep", "er"), 9),
        (("a", "b.c", "text"), 10),
        (("a", "b.c", "missing"), 3),
        (("list", 0, "x"), 15),
        (("list", 1), 17),
        (("list", 1, "x"), 18),
        (("list", 1, "inner", 0, "y"), 20),
        (("list", 1, "table", "z"), 22),
        (("nowhere",), None),
        (("nowhere", "at", "all"), None),
        (("not", "a", "header"), None),
    ],
)
def test_values_are_found(path: FilePath, line: int | None) -> None:
    tomllib.loads(TEXT)
    assert Lines(TEXT).find(path) == line


def test_line_separators_of_unicode_do_not_count() -> None:
    assert Lines('a = "x\u2028y"\nb = 1\n').find(("b",)) == 2


def test_windows_line_ends() -> None:
    assert Lines("a = 1\r\n[t]\r\nb = 2\r\n").find(("t", "b")) == 3


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_a_key_is_shown_as_toml_writes_it(key: str) -> None:
    assert tomllib.loads(f"{key_text(key)} = 1") == {key: 1}


def test_paths_are_shown_as_in_the_file() -> None:
    assert path_text(("accounts", "alice", "destinations", "x@y", "smtp_error")) == (
        'accounts.alice.destinations."x@y".smtp_error'
    )
    assert path_text(("routes", 0, "transport")) == "routes[0].transport"
