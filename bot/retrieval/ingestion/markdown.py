"""Reads Markdown: headings, paragraphs, list items, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from bot.retrieval.ingestion.blocks import Block, Reading
from bot.retrieval.ingestion.decoding import decode
from bot.retrieval.ingestion.html import html_blocks
from bot.retrieval.ingestion.tables import Row, table_blocks

_FRONT_MATTER = re.compile(r"\A---\r?\n.*?\r?\n---\r?\n", re.DOTALL)


def read_markdown(path: Path) -> Reading:
    text = _FRONT_MATTER.sub("", decode(path.read_bytes()))
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return Reading("md", list(_blocks(tokens)))


def _blocks(tokens: Sequence[Token]) -> Iterator[Block]:
    level: int | None = None
    rows: list[list[str]] | None = None
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "heading_close":
            level = None
        elif token.type == "table_open":
            rows = []
        elif token.type == "tr_open" and rows is not None:
            rows.append([])
        elif token.type == "table_close" and rows is not None:
            yield from table_blocks(map(Row, rows))
            rows = None
        elif token.type == "inline":
            text = _plain(token.children or [])
            if rows:
                rows[-1].append(text)
            elif text:
                yield Block(text, level)
        elif token.type in ("fence", "code_block"):
            yield from (Block(line) for line in token.content.splitlines() if line.strip())
        elif token.type == "html_block":
            yield from html_blocks(token.content)


def _plain(children: Sequence[Token]) -> str:
    parts = ["\n" if c.type.endswith("break") else c.content for c in children if c.type != "html_inline"]
    return "".join(parts).strip()
