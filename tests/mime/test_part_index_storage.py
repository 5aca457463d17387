import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mail.mime.part_index import PartIndex
from tests.mime.messages import multipart_contents, part_index


@given(multipart_contents)
def test_a_stored_index_comes_back_the_same(content: bytes) -> None:
    index = part_index(content)
    assert PartIndex.from_bytes(index.to_bytes()) == index


def test_every_field_survives_storing() -> None:
    index = part_index(
        b"Content-Type: text/plain; format=flowed; delsp=yes; charset=utf-8; boundary=x\r\n"
        b"Content-Disposition: attachment; filename=\xc3\xa9.txt\r\n"
        b"Content-Transfer-Encoding: 8bit\r\n\r\n1\r\n"
    )
    assert PartIndex.from_bytes(index.to_bytes()) == index


def test_the_index_of_a_small_message_is_small() -> None:
    assert len(part_index(b"Subject: x\r\n\r\nHello\r\n").to_bytes()) < 80


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        [],
        [2, 0, 0, []],
        [1, "0", 0, []],
        [1, 0, 0, [[]]],
        [1, 0, 0, [["1", -1, 0, 0]]],
        [1, 0, 0, [["1", -1, 0, 0, "0"]]],
        [1, 0, 0, [["1", -1, 0, 0, 0] + [""] * 30]],
        [1, 0, 0, ["1"]],
    ],
)
def test_anything_else_is_refused(value: object) -> None:
    with pytest.raises(ValueError):
        PartIndex.from_bytes(json.dumps(value).encode())


@given(st.binary())
def test_bytes_that_are_no_index_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        PartIndex.from_bytes(b"x" + data)
