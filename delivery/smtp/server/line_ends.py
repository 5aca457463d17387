"""What is no line end in content on its way in, though another server may take it for one."""

from mail.line_ends import LINE_END, count_line_ends


class LineEndWatch:
    """Remembers whether a lone CR or LF was among the content. Pieces must not end in half a CR LF."""

    def __init__(self) -> None:
        self.bare_cr = False
        self.bare_lf = False

    def note(self, content: bytes) -> None:
        """Look through the next piece."""
        if (self.bare_cr and self.bare_lf) or count_line_ends(content) is not None:
            return
        pairs = content.count(LINE_END)
        self.bare_cr = self.bare_cr or content.count(b"\r") != pairs
        self.bare_lf = self.bare_lf or content.count(b"\n") != pairs
