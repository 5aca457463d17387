"""Lists of tag=value, as DKIM and DMARC write them (RFC 6376 section 3.2). Pure."""


def parse_tags(text: str) -> dict[str, str]:
    """The values by tag, without white space around them.

    Raises ValueError for what is no such list: a tag without a value sign, without a name, or twice.
    """
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()
    found: dict[str, str] = {}
    for part in parts:
        name, sign, value = part.partition("=")
        name = name.strip()
        if not sign or not _is_name(name):
            raise ValueError(f"{name[:20]!r} is no tag")
        if name in found:
            raise ValueError(f"{name[:20]} stands twice")
        found[name] = value.strip()
    return found


def lenient_tags(text: str) -> dict[str, str]:
    """The same, passing over what can't be read (RFC 7489 section 6.3); the first of two values counts."""
    found: dict[str, str] = {}
    for part in text.split(";"):
        name, sign, value = part.partition("=")
        if sign and _is_name(name.strip()):
            found.setdefault(name.strip(), value.strip())
    return found


def without_space(text: str) -> str:
    """The value without the white space by which it was folded."""
    return "".join(text.split())


def _is_name(text: str) -> bool:
    return text.isascii() and text[:1].isalpha() and text.replace("_", "").isalnum()
