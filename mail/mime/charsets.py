"""Bytes to text with the charset labels found in mail."""

import re
from encodings.aliases import aliases
from functools import lru_cache

# Labels are looked up only when Python knows them: its codec search remembers every unknown name for ever.
_KNOWN = frozenset(aliases) | frozenset(aliases.values())
# What senders mean by these labels is the larger set that contains them, as browsers read them too (WHATWG
# Encoding Standard, section 4.2).
_MEANT = {
    "latin_1": "cp1252",
    "iso8859_1": "cp1252",
    "iso8859_9": "cp1254",
    "iso8859_11": "cp874",
    "tis_620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "big5": "cp950",
}
_MORE_LABELS = {
    "iso_8859_8_i": "iso8859_8",
    "iso_8859_8_e": "iso8859_8",
    "x_sjis": "cp932",
    "x_gbk": "gb18030",
    "unicode_1_1_utf_7": "utf_7",
    "x_mac_roman": "mac_roman",
}
_LABEL = re.compile(r"[a-z0-9][a-z0-9_.:+-]{0,39}", re.IGNORECASE)
_SURROGATES = re.compile("[\ud800-\udfff]")


def codec_name(label: str) -> str | None:
    """The Python codec for a charset label, or None when the label is not known.

    The empty label and US-ASCII give None too: what follows them has to be guessed.
    """
    if _LABEL.fullmatch(label) is None:
        return None
    name = re.sub(r"[^a-z0-9]", "_", label.lower())
    return _codec_name(name) if name in _KNOWN or name in _MORE_LABELS else None


@lru_cache(maxsize=2048)
def _codec_name(name: str) -> str | None:
    name = _MORE_LABELS.get(name) or aliases.get(name, name)
    if name == "ascii":
        return None
    try:
        b"a".decode(name, "replace")
    except LookupError:  # a transformation such as zlib, or a codec of another system
        return None
    return _MEANT.get(name, name)


def decode_bytes(data: bytes, label: str) -> str:
    """`data` as text. Never raises: what cannot be decoded becomes U+FFFD, and lone surrogates do too.

    Without a charset, and with US-ASCII, 8-bit data is UTF-8 if it is valid as such, else Windows-1252.
    With a label nobody knows it is read as UTF-8 with replacements.
    """
    codec = codec_name(label)
    if codec is None and label.lower() in ("", "us-ascii", "ascii"):
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    # The UTF-7 codec lets lone surrogates through, which no database and no page can take.
    return _SURROGATES.sub("\ufffd", data.decode(codec or "utf-8", "replace"))
