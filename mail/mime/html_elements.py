"""The HTML elements and attributes that messages may show, and how they nest (HTML standard, 13.1.2)."""


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


VOID = frozenset(["br", "col", "hr", "img", "wbr"])

FORMATTING = _names("a b big code em font i s small strike strong tt u")
"""Elements that parsers reopen when they were not closed (section 13.2.4.3)."""

BLOCKS = _names(
    "address article aside blockquote center dd details div dl dt figcaption figure footer "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table ul"
)
"""Elements that end a paragraph."""

TABLE = _names("caption col colgroup table tbody td tfoot th thead tr")

SHOWN = (
    BLOCKS
    | FORMATTING
    | TABLE
    | VOID
    | _names("abbr acronym bdi bdo cite del dfn hgroup ins kbd mark q rp rt ruby samp span sub sup time var")
)

REMOVED_WITH_CONTENT = _names(
    "applet audio embed frameset iframe math noembed noframes noscript object plaintext script select "
    "style svg template textarea title video xmp"
)
"""Elements whose content is no text for the reader."""

SCOPES = frozenset(["table", "td", "th", "caption"])
"""Elements beyond which an end tag or an implied end does not reach."""

LISTS = frozenset(["ul", "ol", "dl"])
"""Elements whose items end each other only within the same list."""

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

ATTRIBUTES: dict[str, set[str]] = {
    "*": {"align", "bgcolor", "dir", "height", "lang", "style", "title", "valign", "width", "background"},
    "a": {"href", "name"},
    "col": {"span"},
    "colgroup": {"span"},
    "font": {"color", "face", "size"},
    "hr": {"color", "noshade", "size"},
    "img": {"alt", "border", "hspace", "src", "srcset", "vspace"},
    "li": {"type", "value"},
    "ol": {"start", "type"},
    "table": {"border", "bordercolor", "cellpadding", "cellspacing", "summary"},
    "td": {"colspan", "headers", "nowrap", "rowspan", "scope"},
    "th": {"colspan", "headers", "nowrap", "rowspan", "scope"},
    "time": {"datetime"},
    "ul": {"type"},
}
"""Attributes that are looked at; `html` drops some of them again."""

STYLE_PROPERTIES = _names(
    "background background-color border border-bottom border-bottom-color border-bottom-style "
    "border-bottom-width border-collapse border-color border-left border-left-color border-left-style "
    "border-left-width border-radius border-right border-right-color border-right-style "
    "border-right-width border-spacing border-style border-top border-top-color border-top-style "
    "border-top-width border-width box-sizing clear color direction display float font font-family "
    "font-size font-style font-variant font-weight height letter-spacing line-height list-style-type "
    "margin margin-bottom margin-left margin-right margin-top max-height max-width min-height min-width "
    "overflow-wrap padding padding-bottom padding-left padding-right padding-top table-layout "
    "text-align text-decoration text-indent text-transform unicode-bidi vertical-align white-space "
    "width word-break word-spacing word-wrap"
)
"""CSS properties of style attributes that can load nothing and do not lay one thing over another."""
