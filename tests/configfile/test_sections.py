"""Reading tables of a file, typed."""

import pytest

from mail.configfile.problems import FileProblems
from mail.configfile.table import Table


def table(data: dict[str, object]) -> tuple[Table, FileProblems]:
    problems = FileProblems()
    return Table(data, problems), problems


def told(problems: FileProblems) -> list[str]:
    return [str(problem) for problem in problems]


def test_two_readers_of_one_table_know_all_of_its_keys_together() -> None:
    document, problems = table({"domains": {"a": {"one": "1", "two": "2", "three": "3"}}})
    document.tables("domains")["a"].text("one")
    document.tables("domains")["a"].text("two")
    document.finish()
    assert told(problems) == ["domains.a.three: unknown key"]


def test_a_table_that_nobody_asks_for_is_one_unknown_key() -> None:
    document, problems = table({"web": {"port": 80, "path": "/"}})
    document.finish()
    assert told(problems) == ["web: unknown key"]


def test_the_same_problem_is_told_once() -> None:
    document, problems = table({"x": 1})
    document.text("x")
    document.text("x")
    assert len(problems) == 1


@pytest.mark.parametrize("value", [True, 1.5, "1", [1]])
def test_what_is_no_whole_number_gives_the_default(value: object) -> None:
    document, problems = table({"x": value})
    assert document.integer("x", 7) == 7
    assert told(problems) == ["x: expected a whole number"]


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1])
def test_a_number_that_no_column_holds_is_told_the_range(value: int) -> None:
    document, problems = table({"x": value})
    assert document.integer("x", 7) == 7
    assert told(problems) == ["x: expected a whole number from -2147483648 to 2147483647"]


def test_rows_know_their_position() -> None:
    document, problems = table({"rows": [{"x": 1}, {"y": 2}]})
    for row in document.rows("rows"):
        row.integer("x")
    document.finish()
    assert told(problems) == ["rows[1].y: unknown key"]
