"""The rule for texts that people read in one line. Pure."""

from mail.configuration.rules.problem import FieldProblem


def line_problems(**texts: str) -> list[FieldProblem]:
    """Which of the texts, by field, have line breaks or other control characters."""
    return [
        FieldProblem(field, "Write one line, without control characters.")
        for field, text in texts.items()
        if not text.isprintable()
    ]
