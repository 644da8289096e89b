"""How a document is cut: what belongs together stays together, and an id changes only with its own words."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.retrieval.ingestion.blocks import Block
from bot.retrieval.ingestion.pieces import LIMIT, Piece, cuts, pieces_of

SENTENCE = "催费人员上门应当两人同行，出示工作证，并说明欠费的月份和金额。"


def cut(*texts: str) -> list[Piece]:
    return pieces_of("办法.txt", [Block(text) for text in texts])


def test_long_article_is_cut_at_sentences() -> None:
    """An article too long for one passage becomes several, each ending with a sentence and bearing the number."""
    pieces = cut("第九条 " + SENTENCE * 30)

    assert len(pieces) > 2
    assert {9} == {p.article for p in pieces}
    assert all(p.text.endswith("。") and len(p.text) <= LIMIT for p in pieces)
    assert "第九条 " + SENTENCE * 30 == "".join(p.text for p in pieces)


def test_reference_begins_no_article() -> None:
    """A paragraph that begins with a reference to another article stays with its own."""
    pieces = cut("第七条 先催交。", "第三十九条规定的情形除外。", "第八条 再停电。")

    assert [(7, "第七条 先催交。\n第三十九条规定的情形除外。"), (8, "第八条 再停电。")] == [
        (p.article, p.text) for p in pieces
    ]


def test_article_without_space_counts_in_turn() -> None:
    """Scans lose the space behind 第八条; in its turn it is an article all the same, out of turn it is not."""
    pieces = cut("第七条 先催交。", "第八条再停电。", "第三十条前交清是客户的义务。")

    assert [7, 8] == [p.article for p in pieces]


def test_enumeration_stays_in_its_article() -> None:
    """（一）（二） below an article are its items, not headings; elsewhere a short line like that is a heading."""
    article = cut("第五条 不得有下列行为：", "（一）威胁客户", "（二）私收电费")
    elsewhere = cut("上门前的准备工作都有哪些呢？", "（一）带好证件", "工作证要挂在胸前。")

    assert 1 == len(article) and "（二）私收电费" in article[0].text
    assert ("（一）带好证件",) == elsewhere[-1].headings


def test_chapter_ends_an_article() -> None:
    """What stands below the next chapter belongs to no article of the one before."""
    pieces = cut("第五条 先催交。", "第三章 附则", "本办法由营销部解释。")

    assert [(5, ()), (None, ("第三章 附则",))] == [(p.article, p.headings) for p in pieces]


def test_short_paragraphs_share_a_passage() -> None:
    """Paragraphs below one heading are gathered until a passage is full; the next heading begins a new one."""
    pieces = cut("一、准备", "带好工作证。", "核对户号。", "二、上门", "先问好。")

    assert ["带好工作证。\n核对户号。", "先问好。"] == [p.text for p in pieces]


def test_lone_heading_is_not_lost() -> None:
    """A heading with nothing below it is a passage itself, or nobody would find its words."""
    pieces = cut("安全须知", "一、雷雨天不登杆", "二、高温天带水", "饮水不少于两升。")

    assert "一、雷雨天不登杆" == pieces[0].text
    assert ("安全须知", "二、高温天带水") == pieces[1].headings


def test_styled_article_is_no_heading() -> None:
    """Where a document styles 第四条 as a heading, it is an article, and smaller headings below it are its text."""
    blocks = [Block("第四条 上门", level=2), Block("（一）两人同行", level=3), Block("出示工作证。")]

    assert ["第四条 上门\n（一）两人同行\n出示工作证。"] == [p.text for p in pieces_of("办法.docx", blocks)]


def test_long_row_repeats_its_first_cell() -> None:
    """A row too long for one passage says in each which row it is of."""
    row = Block("", cells=("岗位：催费员", f"职责：{SENTENCE * 8}", f"禁止：{SENTENCE * 8}"))

    pieces = pieces_of("职责.xlsx", [row])

    assert len(pieces) >= 2
    assert all(p.text.startswith("岗位：催费员") for p in pieces)


def test_id_changes_with_its_words_only() -> None:
    """An article put in, and another changed, leave the ids of all others as they were."""
    before = {p.article: p.id for p in cut("第一条 甲事。", "第二条 乙事。", "第三条 丙事。")}
    after = {
        p.article: p.id
        for p in cut("第一条 甲事。", "第一条之一 新事。", "第二条 乙事改了。", "第三条 丙事。")
    }

    assert before[1] == after[1] and before[3] == after[3]
    assert before[2] != after[2]


def test_same_words_twice_have_two_ids() -> None:
    """A sentence that stands twice in a document is two passages, and each keeps its id."""
    rows = [Block("", cells=("空白表样",)), Block("", cells=("空白表样",))]

    once, twice = [[p.id for p in pieces_of("表.xlsx", rows)] for _ in range(2)]

    assert once == twice and 2 == len(set(once))


@given(st.text(alphabet="电费停交，。；\n「」13a ", max_size=3000))
def test_cuts_lose_nothing(text: str) -> None:
    """Whatever a text looks like, its cuts cover it exactly and none is longer than a passage may be."""
    ranges = cuts(text)

    assert text == "".join(text[a:b] for a, b in ranges)
    assert all(b - a <= LIMIT * 6 // 5 for a, b in ranges)
