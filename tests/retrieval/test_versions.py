"""Then and now: what a clause was called, what held on a day, and an honest word where the cards do not say."""

from __future__ import annotations

from datetime import date

import pytest

from bot.content.loader import Knowledge
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.dates import day_in
from bot.retrieval.answering.former import Former, formers_of
from bot.retrieval.answering.versions import UNWRITTEN, compares
from tests.retrieval.fakes import card, knowledge, models, terms

TODAY = date(2026, 11, 26)


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Answerer:
    """The small knowledge base with a clause that another superseded, and a law in force since this year."""
    small = knowledge()
    old = card(
        "fc-old-cut",
        title="旧规则：停电前七天送通知",
        law="供电监管办法",
        article=12,
        law_version=date(2000, 1, 1),
        effective_from=date(2000, 2, 1),
        superseded_by="fc-new-cut",
        summary="停电前七天把停电通知送到用户。",
        quote="",
        questions=(
            "停电提前几天送通知单",
            "通知单送几天",
            "旧规则停电通知",
            "停电通知书几天前送",
            "送达通知要提前几天",
        ),
    )
    new = card(
        "fc-new-cut",
        title="停电前三天送通知",
        law="供电监管办法",
        article=20,
        law_version=date(2024, 1, 1),
        effective_from=date(2024, 6, 1),
        formerly="2000版第12条",
        summary="停电前三天送通知。提前七天是老规定。",
        quote="",
        questions=(
            "停电通知单提前几天送到",
            "停电前三天要做什么",
            "通知单几天前到",
            "停电通知送达期限",
            "停电前送通知",
        ),
    )
    fresh = card(
        "ws-fresh", title="堵门闹事要拘留", law="治安管理处罚法", article=26, law_version=date(2025, 6, 27),
        effective_from=date(2026, 1, 1), formerly="2012版：26条旧为第23条", summary="扰乱单位秩序的，可以拘留。", quote="",
        questions=("堵营业厅大门怎么处理", "闹营业厅归谁管", "营业厅被堵", "堵大门违法吗", "在营业厅闹事"),
    )  # fmt: skip
    held = [c for c in small.cards.values() if c.id != "ws-law"]
    cards = {c.id: c for c in (*held, old, new, fresh)}
    return Answerer(
        Knowledge(cards, small.cases, small.faqs, {}, {}),
        terms(tmp_path_factory.mktemp("versions")),
        models(),
        today=lambda: TODAY,
    )


def test_comparison_names_both_numbers(asked: Answerer) -> None:
    """The clause now in force with its number, the number it had, and what the card says of the change."""
    block = asked.ask("供电监管办法20条新旧有什么不同")

    assert "现在看《供电监管办法》第二十条（2024年1月1日版，2024年6月1日起施行）" in block.answer
    assert "2000版第12条" in block.answer
    assert "改了什么：提前七天是老规定。" in block.answer


def test_unwritten_change_is_not_guessed(asked: Answerer) -> None:
    """A card that only knows the old number says no more than that."""
    block = asked.ask("治安法26条新旧有什么不同")

    assert "2012版第23条（今第26条）" in block.answer
    assert UNWRITTEN in block.answer


def test_comparison_without_law_asks_which(asked: Answerer) -> None:
    """A number that one law has is that law's; one that none has is said to be missing."""
    assert "《治安管理处罚法》" in asked.ask("26条新旧有什么不同").answer
    assert "哪一部" in asked.ask("87条新旧有什么不同").answer


def test_superseded_clause_shows_successor(asked: Answerer) -> None:
    """Asked for by its number, a superseded clause leads to what holds now, and is shown as superseded."""
    block = asked.ask("供电监管办法12条")

    assert [("fc-new-cut", "current"), ("fc-old-cut", "superseded")] == [
        (c.id, c.status) for c in block.citations
    ][:2]


def test_day_before_revision_gets_old_clause(asked: Answerer) -> None:
    """On a day of the old rules the old clause is shown as superseded, its successor beside it."""
    block = asked.ask("2015年供电监管办法12条停电通知按哪一条")

    assert block.answer.startswith(
        "2015年用的是《供电监管办法》第十二条，现在已被取代，2024年6月1日起看《供电监管办法》第二十条"
    )
    assert ["superseded", "current"] == [c.status for c in block.citations][:2]


def test_day_before_present_law_is_admitted(asked: Answerer) -> None:
    """Only the present text is held: it is quoted, with the day it holds from, and the older one must be looked up."""
    block = asked.ask("2023年堵营业厅大门按哪一条")

    assert "2026年1月1日起才施行，2023年的要查旧文本（旧条号：2012版第23条（今第26条））" in block.answer
    assert ["ws-fresh"] == [c.id for c in block.citations][:1]


def test_day_of_present_law_says_so(asked: Answerer) -> None:
    """A day on which the present text already held needs no older one."""
    assert asked.ask("2023年的时候欠费多久可以停电，按哪一条").answer.startswith("2023年用的就是现在这一版")


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("治安法第300条", "《治安管理处罚法》一共144条，没有第300条"),
        ("治安法第0条", "没有第0条"),
        ("《住房公积金管理条例》怎么提取", "《住房公积金管理条例》我这里没有收"),
        ("信访条例第3条", "《信访条例》我这里没有收"),
    ],
)
def test_clause_that_cannot_be_is_named(asked: Answerer, question: str, said: str) -> None:
    """An article beyond the end, a zeroth one, a law we lack: one clear line, no citation."""
    block = asked.ask(question)

    assert said in block.answer
    assert not block.answered and block.citations == []


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("66条新旧有什么不同", True),
        ("供电营业规则新旧版停电规定有啥变化", True),
        ("以前停电要提前七天通知，现在呢", True),
        ("新旧电表有什么不同", False),
        ("客户说以前的电费交过了", False),
        ("电价和电费有什么区别", False),
    ],
)
def test_comparison_is_recognised(question: str, answer: bool) -> None:
    """Versions of a rule are compared, not meters."""
    assert answer == compares(question)


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("2023年的时候", date(2023, 1, 1), date(2023, 12, 31)),
        ("二〇二三年三月", date(2023, 3, 1), date(2023, 3, 31)),
        ("2024年2月29日签的", date(2024, 2, 29), date(2024, 2, 29)),
        ("今年1月1日以前签的", date(2025, 12, 31), date(2025, 12, 31)),
        ("去年12月", date(2025, 12, 1), date(2025, 12, 31)),
    ],
)
def test_day_is_read(question: str, first: date, last: date) -> None:
    """Years, months and days, in figures or in words, also counted from today."""
    found = day_in(question, TODAY)

    assert found and (first, last) == (found.first, found.last)


@pytest.mark.parametrize("question", ["2023年13月", "2023年2月30日", "治安法2012年版", "欠费三年了"])
def test_no_day_is_invented(question: str) -> None:
    """What the calendar lacks, the year of a version, a length of time: no day."""
    assert day_in(question, TODAY) is None


def test_former_numbers_are_read() -> None:
    """Both ways in which authors write them."""
    assert [Former("2012", 23, 26), Former("2012", 42, 50)] == formers_of(
        "2012版：26条旧为第23条，50条旧为第42条"
    )
    assert [Former("2016", 25), Former("2016", 26)] == formers_of("2016版第25条、第26条")
    assert [] == formers_of("")
