"""How content is cut into chunk rows."""

CHUNK_SIZE = 256 * 1024
"""Bytes in every chunk but the last of a content."""

POSITION_BITS = 20


def chunk_id(content_id: int, position: int) -> int:
    """The row id of a content's chunk; consecutive for one content, so reading is a range scan."""
    return (content_id << POSITION_BITS) | position


def chunk_count(size: int) -> int:
    """How many chunks a content of `size` bytes has."""
    return (size + CHUNK_SIZE - 1) // CHUNK_SIZE
