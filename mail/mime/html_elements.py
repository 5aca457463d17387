"""The HTML elements and attributes that messages may show, and how they nest (HTML Living Standard, 13.1.2)."""

VOID = frozenset(["br", "col", "hr", "img", "wbr"])

FORMATTING = frozenset("a b big code em font i s small strike strong tt u".split())
"""Elements that parsers reopen when they were not closed (section 13.2.4.3)."""

BLOCKS = frozenset(
    "address article aside blockquote center dd details div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 "
    "header hr li main nav ol p pre section summary table ul".split()
)
"""Elements that end a paragraph."""

TABLE = frozenset("caption col colgroup table tbody td tfoot th thead tr".split())

SHOWN = (
    BLOCKS
    | FORMATTING
    | TABLE
    | VOID
    | frozenset(
        "abbr acronym bdi bdo cite del dfn hgroup ins kbd mark q rp rt ruby samp span sub sup time var".split()
    )
)

REMOVED_WITH_CONTENT = frozenset(
    "applet audio embed frameset head iframe math noembed noframes noscript object plaintext script select style "
    "svg template textarea title video xmp".split()
) - {"head"}
"""Elements whose content is no text for the reader."""

SCOPES = frozenset(["table", "td", "th", "caption"])
"""Elements beyond which an end tag or an implied end does not reach."""

CLOSED_BY: dict[str, frozenset[str]] = {
    "a": frozenset(["a"]),
    "li": frozenset(["li"]),
    "dd": frozenset(["dd", "dt"]),
    "dt": frozenset(["dd", "dt"]),
    "td": frozenset(["td", "th"]),
    "th": frozenset(["td", "th"]),
    "tr": frozenset(["tr", "td", "th"]),
    "tbody": frozenset(["tbody", "thead", "tfoot", "tr", "td", "th"]),
    "thead": frozenset(["tbody", "thead", "tfoot", "tr", "td", "th"]),
    "tfoot": frozenset(["tbody", "thead", "tfoot", "tr", "td", "th"]),
}
"""For a start tag: the open elements that it ends."""
