"""QR codes as SVG, black on white in dark pages too: cameras expect it."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, title: str) -> SafeString:
    """The picture of a text. Its size is up to the stylesheet."""
    code = segno.make(text, error="m", micro=False)
    svg = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None, title=title
    )
    return mark_safe(svg)  # made of squares; the title is escaped by segno
