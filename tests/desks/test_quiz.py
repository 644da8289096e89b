"""A round of questions in chat: five a day, a set, the wrong ones; nothing counted twice, nothing lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.desks.quiz import QuizDesk
from bot.learning.people.person import Person
from bot.learning.quizzes.grading import order_for
from bot.learning.quizzes.reading import KEYS
from bot.messages import Citation, Message, QuizBlock
from bot.stores.database import open_database
from bot.stores.learning.quizzes import QuizStore, StoredAnswer, StoredMemory
from tests.learning.factory import MONDAY_MORNING, SHANGHAI, Floor, floor, person, words_of
from tests.learning.quizzes.items import ITEMS, SET, judge


def cite(source: str) -> Citation | None:
    return Citation(id=source, kind="regulation", title="超过三十日", status="current", status_label="现行")


def evenly(learner: str, person: Person | None, at: datetime) -> Mapping[str, float]:
    return {}


@pytest.fixture
def house(tmp_path: Path) -> Floor:
    house = floor(tmp_path)
    desk = QuizDesk({SET.id: SET}, QuizStore(house.sessions), house.records, judge, cite, evenly, SHANGHAI)
    house.hall._desks["quiz"] = desk
    house.bind(person(joined=MONDAY_MORNING.date() - timedelta(days=400)))
    return house


def asked(message: Message) -> QuizBlock:
    return next(block for block in message.blocks if isinstance(block, QuizBlock))


def right(block: QuizBlock) -> str:
    """What somebody who knows would type."""
    item = next(one for one in SET.items if one.stem == block.stem)
    if item.kind == "judgement":
        return "对" if item.truth else "错"
    if item.kind in ("fill", "reply"):
        return item.answers[0] if item.kind == "fill" else "您别急，我这就查。"
    texts = {option.label: option.key for option in block.options}
    return "".join(texts[one.text] for one in item.options if item.kind == "order" or one.correct)


def play(house: Floor, message: Message, wrong: int = 0) -> Message:
    """Answers everything, the first `wrong` of them with 不会."""
    for number in range(20):
        blocks = [block for block in message.blocks if isinstance(block, QuizBlock)]
        if not blocks:
            return message
        house.clock.move(seconds=10)
        message = house.message("不会" if number < wrong else right(blocks[0]))
    raise AssertionError("no end")


def test_five_a_day_and_then_enough(house: Floor) -> None:
    """Five questions, a result with the clause after each, an end; asked again on the same day it says so."""
    end = play(house, house.message("每日五题"))

    assert "5 道对了 5 道" in words_of(end) and "超过三十日" in words_of(end)
    assert "今天的五题做过了" in house.tell("每日五题")
    assert 5 == len(house.records.store.of("1001", kinds=["quiz.answered"]))


def test_wrong_ones_come_again_sooner(house: Floor) -> None:
    """Tomorrow begins with what was not known today."""
    first = house.message("每日五题")
    forgotten = asked(first).stem
    play(house, first, wrong=1)
    assert forgotten == asked(house.message("错题")).stem
    house.tell("停")
    house.clock.move(days=1, minutes=5)

    assert forgotten == asked(house.message("每日五题")).stem


def test_unreadable_answer_is_not_counted(house: Floor) -> None:
    """What is no answer to this kind of question is asked for again, with how to write it."""
    message = house.message("测验：三十天前后")
    block = asked(message)

    assert "单选" in block.how or "字母" in block.how
    assert "这题选一个" in house.tell("ABC")
    assert [] == house.records.store.of("1001", kinds=["quiz.answered"])


def test_question_in_between_is_let_through(house: Floor) -> None:
    """A real question in the middle of a round goes to the knowledge base, and the round waits."""
    house.message("测验：三十天前后")

    assert house.hall.desk_for("web-1", "客户欠费多久可以停电？") is None
    assert "quiz" == house.hall.desk_for("web-1", "B")


def test_set_counts_when_it_is_finished(house: Floor) -> None:
    """A whole set gives one event with the share that was right; one left in the middle gives none."""
    house.message("测验：三十天前后")
    house.message("不会")
    house.tell("停")
    assert [] == house.records.store.of("1001", kinds=["quiz.finished"])

    play(house, house.message("测验：三十天前后"), wrong=3)
    (finished,) = house.records.store.of("1001", kinds=["quiz.finished"])
    assert ("thirty-days", "fee_collection", 0.5) == (finished.ref, finished.topic, finished.value)


def test_same_message_twice_answers_once(house: Floor) -> None:
    """A message that comes again after a crash gets the same words, and the next question is not spoilt by it."""
    house.message("测验：三十天前后", message_id="open")
    first = house.message("不会", message_id="again")
    second = house.message("不会", message_id="again")

    assert first == second and 1 == len(house.records.store.of("1001", kinds=["quiz.answered"]))


def test_clock_that_goes_back_harms_nothing(house: Floor) -> None:
    """Answered before it was shown, by the clock: it counts, without a time."""
    message = house.message("每日五题")
    house.clock.move(hours=-3)
    play(house, message)

    answers = house.records.store.of("1001", kinds=["quiz.answered"])
    assert (5 == len(answers) and answers[0].details["seconds"] is None) or any(
        one.details["seconds"] is None for one in answers
    )


def test_unknown_set_offers_near_ones(house: Floor) -> None:
    """A title half remembered leads to the set; one that is nowhere says how to see them all."""
    assert "测验：三十天前后" in house.tell("测验：三十天") and "说“测验”" in house.tell("小测：没有的")
    assert "三十天前后（6 题）" in house.tell("测验")


def test_guest_may_play(house: Floor) -> None:
    """Without a number one can try; it is kept under the guest."""
    message = house.message("每日五题", "web-2")

    assert asked(message).title == "每日五题 1/5"


def test_prediction_is_kept_before_the_answer(house: Floor) -> None:
    """What was expected is written down before it is known, so that it can be checked later."""
    play(house, house.message("每日五题"))
    house.clock.move(days=3)
    play(house, house.message("每日五题"))
    seen = [one.details["predicted"] for one in house.records.store.of("1001", kinds=["quiz.answered"])]

    assert seen[:5] == [None] * 5 and all(0 < one < 1 for one in seen[5:9])


def test_answer_and_memory_are_kept_together(url: str) -> None:
    """On both databases: a second answer with the same key changes neither."""
    store = QuizStore(open_database(url))
    memory = StoredMemory(2.0, 5.0, MONDAY_MORNING, MONDAY_MORNING, 1)
    answer = StoredAnswer("k", "1001", "td-1", MONDAY_MORNING, 0.0, False, (1,), 4.0, None)

    assert [True, False] == [
        store.keep_answer(answer, memory),
        store.keep_answer(answer, StoredMemory(9.0, 5.0, MONDAY_MORNING, MONDAY_MORNING, 2)),
    ]
    assert memory == store.memory("1001", "td-1") and answer == StoredAnswer(
        **{**vars_of(store.answers()[0]), "chosen": (1,)}
    )
    assert (
        ["td-1"]
        == store.wrong("1001", MONDAY_MORNING - timedelta(days=1), 5)
        == store.due("1001", MONDAY_MORNING, 5)
    )


def vars_of(answer: StoredAnswer) -> dict[str, object]:
    return {name: getattr(answer, name) for name in StoredAnswer.__dataclass_fields__}


def test_letters_shown_are_letters_graded(house: Floor) -> None:
    """The order on the screen is the order in which the answer is read."""
    block = asked(house.message("测验：三十天前后", message_id="s1"))
    order = order_for(ITEMS["td-1"], "1001", "s1-0")

    assert [ITEMS["td-1"].options[place].text for place in order] == [one.label for one in block.options]
    assert "对了" in house.tell(KEYS[order.index(0)])
