"""HTML of a message made safe to show, for a sandboxed frame of its own.

Three layers, each enough for its purpose alone: this sanitiser, the Content-Security-Policy below on the
frame's document, and the sandbox of the frame, which allows neither scripts nor the origin of the pages.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from html import escape, unescape
from urllib.parse import unquote

import nh3

from mail.mime.html_elements import ATTRIBUTES, REMOVED_WITH_CONTENT, SHOWN, STYLE_PROPERTIES
from mail.mime.html_nesting import bound_nesting

_POLICY = (
    "default-src 'none'; img-src 'self' data:{remote}; style-src 'unsafe-inline'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"
)
CONTENT_SECURITY_POLICY = _POLICY.format(remote="")
"""The header value for a document that holds sanitised HTML."""
CONTENT_SECURITY_POLICY_WITH_REMOTE_IMAGES = _POLICY.format(remote=" https: http:")
"""The same when the reader asked for remote images."""

LENGTH_LIMIT = 2 * 1024 * 1024
"""Characters of HTML that are shown."""

_LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")
_REMOTE_SCHEMES = ("http://", "https://")
_DATA_IMAGE = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
_REMOTE_IN_STYLE = re.compile(r"(?:https?:)?//", re.IGNORECASE)
_FUNCTION = re.compile(r"([a-z-]*)\s*\(", re.IGNORECASE)
_HARMLESS_FUNCTIONS = frozenset(["rgb", "rgba", "hsl", "hsla", "calc"])
_IMAGE = re.compile(r'<img((?: [a-z-]+="[^"]*")*)>')
_IMAGE_ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
_TINY = re.compile(r"[0-3](?:px)?")


@dataclass(frozen=True, slots=True)
class SanitizedHtml:
    """HTML to show, how many loads from elsewhere were left out, and whether the end was cut off."""

    html: str
    blocked_remote: int
    truncated: bool


def sanitize_html(
    source: str, resolve_content_id: Callable[[str], str | None], *, remote_images: bool = False
) -> SanitizedHtml:
    """The part of `source` that is safe to show.

    `resolve_content_id` gives the URL of the part with a content id (no angle brackets), or None. Images
    that are not shown are replaced by a note with their alternative text; those that were there only to be
    counted, up to 3 pixels, by nothing. `remote_images` lets images load over http and https; backgrounds
    from elsewhere never load.
    """
    attributes = _AttributeFilter(remote_images)
    cleaner = nh3.Cleaner(
        tags=SHOWN,
        clean_content_tags=REMOVED_WITH_CONTENT,
        attributes=ATTRIBUTES,
        attribute_filter=attributes,
        url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
        url_relative="deny",
        link_rel="noopener noreferrer nofollow",
        set_tag_attribute_values={"a": {"target": "_blank"}, "img": {"referrerpolicy": "no-referrer"}},
        filter_style_properties=STYLE_PROPERTIES,
    )
    cleaned = cleaner.clean(bound_nesting(source[:LENGTH_LIMIT]))
    shown = _IMAGE.sub(lambda image: _shown_image(image, resolve_content_id), cleaned)
    return SanitizedHtml(shown, attributes.blocked, len(source) > LENGTH_LIMIT)


class _AttributeFilter:
    """Decides on each attribute that may stay, and counts what would load from elsewhere."""

    def __init__(self, remote_images: bool) -> None:
        self._remote_images = remote_images
        self.blocked = 0

    def __call__(self, element: str, attribute: str, value: str) -> str | None:
        if attribute == "style":
            return self._style(value)
        if attribute in ("background", "srcset"):
            self.blocked += _REMOTE_IN_STYLE.match(value.strip()) is not None
            return None
        if attribute == "src":
            return self._image(value.strip())
        if attribute == "href":
            return value if value.strip().lower().startswith(_LINK_SCHEMES) else None
        return value

    def _image(self, url: str) -> str | None:
        lowered = url[:16].lower()
        if lowered.startswith("cid:") or _DATA_IMAGE.match(url):
            return url
        if not lowered.startswith(_REMOTE_SCHEMES):
            return None
        if self._remote_images:
            return url
        self.blocked += 1
        return None

    def _style(self, value: str) -> str | None:
        """The declarations that call no function which could load something."""
        if "\\" in value:
            return None
        kept = []
        for declaration in value.split(";"):
            functions = {name.lower() for name in _FUNCTION.findall(declaration)}
            if functions <= _HARMLESS_FUNCTIONS:
                kept.append(declaration)
            else:
                self.blocked += _REMOTE_IN_STYLE.search(declaration) is not None
        return ";".join(kept)


def _shown_image(image: re.Match[str], resolve_content_id: Callable[[str], str | None]) -> str:
    attributes: dict[str, str] = dict(_IMAGE_ATTRIBUTE.findall(image[1]))
    source = unescape(attributes.get("src", ""))
    if source.lower().startswith("cid:"):
        url = resolve_content_id(unquote(source[4:]))
        if url is not None:
            return image[0].replace(f' src="{attributes["src"]}"', f' src="{escape(url)}"')
    elif source:
        return image[0]
    if any(_TINY.fullmatch(attributes.get(side, "")) for side in ("width", "height")):
        return ""
    alternative = escape(unescape(attributes.get("alt", "")).strip())
    return f"<span>[image{': ' + alternative if alternative else ''}]</span>"
