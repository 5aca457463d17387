"""Names of members, as text."""


def decoded(name: bytes, legacy: str = "cp1252") -> str:
    """A name in UTF-8, else in the code page that programs used before it."""
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode(legacy, "replace")
