"""Drafts made from cards, cases and answers check themselves before anybody reads them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.content.loader import Knowledge, load_knowledge
from bot.content.models import RegulationCard
from bot.content.quiz_files import GENERATED, read_decisions, write_sets
from bot.content.quizzes import Item
from bot.errors import BadInput
from bot.learning.quizzes.generating.deeds import must_not, should_do
from bot.learning.quizzes.generating.drafts import as_deed, belief, gist
from bot.learning.quizzes.generating.figures import choose_figure, fill_figure
from bot.learning.quizzes.generating.making import make
from tests.roleplay.factory import KNOWLEDGE


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return load_knowledge(KNOWLEDGE)


@pytest.fixture(scope="module")
def items(knowledge: Knowledge) -> list[Item]:
    return [item for one in knowledge.quizzes.values() if one.origin == "generated" for item in one.items]


def test_answers_stand_in_their_source(knowledge: Knowledge, items: list[Item]) -> None:
    """What is right is written in the card, case or answer that the question cites first."""
    for item in items:
        source = item.cards[0]
        found = knowledge.cards.get(source) or knowledge.cases.get(source) or knowledge.faqs.get(source)
        text = found.model_dump_json() if found else ""
        for option in item.options:
            if option.correct or item.kind == "order":
                words = (
                    option.text.split("，", 1)[1]
                    if item.id.startswith("gt-")
                    else option.text.removesuffix("%")
                )
                assert words.replace('"', '\\"') in text, (item.id, option.text)


def test_no_wrong_figure_is_right_too(knowledge: Knowledge) -> None:
    """A number offered as wrong does not stand in the card at all."""
    cards = list(knowledge.cards.values())
    for draft in choose_figure(cards, 7):
        summary = knowledge.cards[draft["cards"][0]].summary
        for option in draft["options"]:
            assert option.get("correct", False) or option["text"] not in summary, draft["id"]


def test_blank_hides_the_number(knowledge: Knowledge) -> None:
    """The number asked for is nowhere else in the stem."""
    for draft in fill_figure(list(knowledge.cards.values()), 7):
        assert f"{draft['answers'][0]}{draft['unit']}" not in draft["stem"], draft["id"]


def test_nothing_is_said_to_be_done_and_not_done(knowledge: Knowledge) -> None:
    """What a card forbids is never offered as right, and what it asks for never as wrong."""
    for card in knowledge.cards.values():
        for draft in [*must_not([card], 7), *should_do([card], 7)]:
            asks_for_wrong = draft["id"].startswith("gn-")
            for option in draft["options"]:
                forbidden = not any(option["text"] in one for one in card.do)
                assert forbidden == (bool(option.get("correct")) == asks_for_wrong), draft["id"]


@pytest.mark.parametrize(
    ("dont", "deed"),
    [
        ("别打听是谁举报的", "打听是谁举报的"),
        ("不要拿外省的时段讲。", "拿外省的时段讲"),
        ("别把名单贴出去，这是违法的", ""),
        ("别以为兄弟单位就不用走这一步", ""),
        ("别说没有的话", ""),
        ("先报班长", ""),
    ],
)
def test_prohibition_is_turned_or_left(dont: str, deed: str) -> None:
    """别… becomes the deed; one that carries its own reason, or is none at all, is left alone."""
    assert deed == as_deed(dont)


def test_long_words_end_at_a_stop() -> None:
    """Explanations keep whole sentences and quotations, misconceptions break at a stop."""
    assert "先说：“您别急。我来查。”" == gist("先说：“您别急。我来查。”" + "再说别的，" * 30 + "。")
    assert belief("短") == "短"
    assert len(belief("先这样，" * 60)) <= 120 and belief("先这样，" * 60).endswith("这样…")


def test_reader_decides_what_is_asked(knowledge: Knowledge) -> None:
    """A dropped draft stays away and another takes its place; what a reader names must exist."""
    decisions = read_decisions(KNOWLEDGE / "quizzes")
    moments = {(one.id, moment.when) for one in knowledge.cases.values() for moment in one.timeline[:-1]}
    some = next(iter(make(knowledge.cards, {}, {}, 7, decisions)["contracts"]))["id"]
    without = decisions.model_copy(update={"dropped": {**decisions.dropped, some: "看不懂"}})

    assert set(decisions.turning.items()) <= moments
    assert {*decisions.ordered, *decisions.first} <= set(knowledge.faqs)
    assert some not in {one["id"] for one in make(knowledge.cards, {}, {}, 7, without)["contracts"]}


@pytest.mark.parametrize("text", ["ordered: {x: 99}", "colour: red", "- a\n- b", "a: [b"])
def test_broken_decisions_are_refused(tmp_path: Path, text: str) -> None:
    """A slip in the reader's file says so instead of changing what is asked."""
    (tmp_path / "_chosen.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(BadInput):
        read_decisions(tmp_path)


def test_old_drafts_make_room(tmp_path: Path) -> None:
    """Written again with fewer sets, no generated file of before is left; what people wrote stays."""
    (tmp_path / "au-mine.yaml").write_text("x", encoding="utf-8")
    write_sets(tmp_path, [{"id": f"{GENERATED}a"}, {"id": f"{GENERATED}b"}])
    write_sets(tmp_path, [{"id": f"{GENERATED}a"}])

    assert ["au-mine.yaml", f"{GENERATED}a.yaml"] == sorted(one.name for one in tmp_path.iterdir())


def test_superseded_rules_are_not_asked(knowledge: Knowledge) -> None:
    """A clause that has been replaced makes no question."""
    card: RegulationCard = next(iter(knowledge.cards.values()))
    old = card.model_copy(update={"superseded_by": "another"})

    assert (
        not list(must_not([old], 7)) and not list(should_do([old], 7)) and not list(choose_figure([old], 7))
    )
