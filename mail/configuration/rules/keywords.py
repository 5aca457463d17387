"""Keywords of messages that people type. Pure."""

from mail.mailformats.keywords import LONGEST, is_keyword


def keyword_problem(text: str) -> str:
    """What is wrong with a keyword; "" when it is fine."""
    if not text:
        return "Type a keyword."
    if len(text) > LONGEST:
        return f"A keyword has at most {LONGEST} characters."
    if not is_keyword(text):
        return (
            "A keyword is one word of unaccented letters, digits and signs, without spaces, quotes, "
            "parentheses, “*”, “%” or “\\”."
        )
    return ""
