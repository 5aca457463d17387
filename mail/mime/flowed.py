"""Reading format=flowed text (RFC 3676)."""


def unflow(text: str, *, delete_space: bool = False) -> str:
    """The paragraphs of format=flowed text, each on one line, with quote marks ("> ") before quoted ones.

    `delete_space` is the parameter DelSp=yes: the space that marks a flowed line is not part of the text.
    """
    lines: list[str] = []
    open_depth: int | None = None
    for line in text.split("\n"):
        content = line.lstrip(">")
        depth = len(line) - len(content)
        content = content.removeprefix(" ")
        # A signature separator ends in a space but is never flowed (RFC 3676 section 4.3).
        flowed = content.endswith(" ") and content != "-- "
        if flowed and delete_space:
            content = content[:-1]
        if open_depth == depth and content != "-- ":
            lines[-1] += content
        else:
            lines.append((">" * depth + " " if depth else "") + content)
        open_depth = depth if flowed else None
    return "\n".join(lines)
