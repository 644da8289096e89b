"""How printed lines become paragraphs: by where they stand, as a reader's eye does it."""

from __future__ import annotations

from array import array

from bot.retrieval.ingestion.blocks import Line
from bot.retrieval.ingestion.layout import blocks_of

EM = 0.02
LEFT, FULL = 0.14, 36
"""Where a page's text begins, and how many characters a full line has."""


def line(text: str, at: float, left: float = LEFT, page: int = 1, size: float = 12) -> Line:
    em = EM * size / 12
    return Line(text, page, at, at + 0.018, array("f", [left + i * em for i in range(len(text) + 1)]), size)


def texts(*pages: list[Line]) -> list[str]:
    return [block.text for block in blocks_of(pages)[0]]


def test_full_line_goes_on() -> None:
    """A line that fills the page's width goes on in the next; one that had room left ends its paragraph."""
    page = [line("催" * FULL, 0.2), line("费结束。", 0.23), line("另起一段，写满这一行。", 0.26)]

    assert ["催" * FULL + "费结束。", "另起一段，写满这一行。"] == texts(page)


def test_indented_line_begins_anew() -> None:
    """After a full line that ends a sentence, only a line set in begins a paragraph."""
    full = "催" * (FULL - 1) + "。"
    page = [
        line(full, 0.2),
        line("接着说。", 0.23),
        line(full, 0.26),
        line("新的一段。", 0.29, LEFT + 2 * EM),
    ]

    assert [f"{full}接着说。", full, "新的一段。"] == texts(page)


def test_wide_line_is_no_measure() -> None:
    """One line that sticks out, as a wide formula does, does not make all others look short."""
    page = [
        line("催" * (FULL + 5), 0.2),
        *(line("催" * FULL, 0.23 + n * 0.03) for n in range(4)),
        line("完。", 0.35),
    ]

    assert ["催" * (FULL * 5 + 5) + "完。"] == texts(page)


def test_change_of_font_cuts_no_word() -> None:
    """Programs print 第一 and 条 apart where the font changes; beside each other they are one line, without a space."""
    page = [line("第一", 0.2), line("条　为了规范。", 0.2, LEFT + 2 * EM), line("第二条", 0.3), line("本办法。", 0.3, LEFT + 4 * EM)]  # fmt: skip

    assert ["第一条　为了规范。", "第二条 本办法。"] == texts(page)


def test_first_line_of_pages_is_no_header() -> None:
    """第一 at the top of several pages, of 第一千零一条 and 第一千零九条, is not a header that repeats."""
    pages = [
        [line("第一", 0.08, page=n), line(f"千零{c}条 甲方应当。", 0.08, LEFT + 2 * EM, page=n)]
        for n, c in enumerate("一二三", 1)
    ]

    assert ["第一千零一条 甲方应当。", "第一千零二条 甲方应当。", "第一千零三条 甲方应当。"] == texts(*pages)


def test_headers_of_left_and_right_pages_go() -> None:
    """Headers that take turns, page numbers in whatever manner, and lines of a table of contents are left out."""
    numbers = ("1", "- 2 -", "第 3 页", "第4页 共6页", "5/6", "— 6 —")
    pages = [
        [
            line("营销制度汇编" if n % 2 else "某某供电公司", 0.04, page=n),
            line(f"第{n}条 说明第{n}件要办的事。", 0.3, page=n),
            line("第一章 总则…………… 3", 0.5, page=n),
            line(number, 0.95, page=n),
        ]
        for n, number in enumerate(numbers, 1)
    ]
    blocks, margins = blocks_of(pages)

    assert [f"第{n}条 说明第{n}件要办的事。" for n in range(1, 7)] == [b.text for b in blocks]
    assert 12 == len(margins)


def test_larger_letters_make_headings() -> None:
    """The largest line is the title; one as large as 第一章 stands on its level."""
    page = [
        line("催费办法", 0.1, size=22),
        line("第一章 总则", 0.15, size=16),
        line("先通知，后停电，这是规矩。", 0.2),
        line("附带说明", 0.25, size=16),
        line("本办法由营销部解释，自印发之日起施行。", 0.3),
    ]

    assert [0, 2, None, 2, None] == [block.level for block in blocks_of([page])[0]]


def test_upright_text_breaks_nothing() -> None:
    """A line without width, as upright text has it, is read like any other."""
    upright = Line("骑缝章", 1, 0.4, 0.6, array("f", [0.95] * 4))

    assert ["先催交。", "骑缝章"] == texts([line("先催交。", 0.2), upright])
