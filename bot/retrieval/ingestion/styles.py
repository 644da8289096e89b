"""The styles of a Word file, looked up by id: python-docx searches them all for every paragraph."""

from __future__ import annotations

from collections.abc import Iterator

from docx.document import Document
from docx.oxml.ns import qn
from lxml.etree import _Element


class Styles:
    """What a paragraph takes from the style it is written in and from those that one is based on."""

    def __init__(self, document: Document) -> None:
        styles = document.styles.element.findall(qn("w:style"))
        self._by_id: dict[str, _Element] = {s.get(qn("w:styleId"), ""): s for s in styles}
        plain = (
            s
            for s in styles
            if s.get(qn("w:type")) == "paragraph" and s.get(qn("w:default")) in ("1", "true")
        )
        self._default = next((s.get(qn("w:styleId"), "") for s in plain), "")

    def name(self, paragraph: _Element) -> str:
        """The name of its style as Word calls it, in whatever language the file was written; "" for an unknown one."""
        style = self._by_id.get(self._style_of(paragraph))
        return value_of(style, "w:name") if style is not None else ""

    def properties(self, paragraph: _Element) -> Iterator[_Element]:
        """Its own properties, then those of its styles, the nearest first."""
        style_id, seen = self._style_of(paragraph), set[str]()
        own = paragraph.find(qn("w:pPr"))
        if own is not None:
            yield own
        while style_id in self._by_id and style_id not in seen:
            seen.add(style_id)
            style = self._by_id[style_id]
            given = style.find(qn("w:pPr"))
            if given is not None:
                yield given
            style_id = value_of(style, "w:basedOn")

    def _style_of(self, paragraph: _Element) -> str:
        own = paragraph.find(qn("w:pPr"))
        return (value_of(own, "w:pStyle") if own is not None else "") or self._default


def value_of(element: _Element, child: str) -> str:
    """The value of a child element; "" when it is not there."""
    found = element.find(qn(child))
    return (found.get(qn("w:val")) or "") if found is not None else ""
