"""Counting the records of TLS."""

from hypothesis import given, settings
from hypothesis import strategies as st

from mail.tls.records import RecordCounter


@settings(max_examples=60)
@given(
    lengths=st.lists(st.integers(0, 700), max_size=12),
    cuts=st.lists(st.integers(1, 900), min_size=1, max_size=12),
)
def test_a_record_counts_with_its_last_byte_wherever_the_stream_is_cut(
    lengths: list[int], cuts: list[int]
) -> None:
    stream = b"".join(b"\x17\x03\x03" + length.to_bytes(2, "big") + b"x" * length for length in lengths)
    ends = [sum(lengths[: number + 1]) + 5 * (number + 1) for number in range(len(lengths))]
    counter = RecordCounter()
    position, turn, counted = 0, 0, 0
    while position < len(stream):
        piece = stream[position : position + cuts[turn % len(cuts)]]
        counted += counter.feed(memoryview(piece))
        position, turn = position + len(piece), turn + 1
        assert counted == sum(end <= position for end in ends)
    assert counted == len(lengths)
