"""A newcomer who does what the bot says: reads to the end, answers, practises, asks for signatures; and their mentor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from fastapi.testclient import TestClient

from bot.content.quizzes import Item
from bot.messages import ChoicesBlock, FeedbackBlock, Message, QuizBlock, ScoreCardBlock
from tests.console.house import AppHouse
from tests.learning.factory import words_of

KIND = (
    "您先别急，您说的我听明白了，是担心这件事没人管，换谁都着急。",
    "我把您说的记下来：金额、日期、您家的情况，我先核对一下，是这样对吧？",
    "我跟您说清楚：现在还到不了停电那一步，您有两个办法，今天先交一部分，余下的分两期；或者周四上午我陪您去窗口办。您看哪个方便？",
    "那就这么定：周四上午九点我给您打电话，办完给您看到账记录，有不对的您打 95598 投诉我也行。",
    "谢谢您跟我说这些，我叫周敏，工号您记一下，有事直接找我。",
)
MOST_STEPS = 400


class Newcomer:
    """`log` is the whole talk, as (who, words)."""

    def __init__(self, house: AppHouse, browser: TestClient, mentor: TestClient) -> None:
        self._house, self._browser, self._mentor = house, browser, mentor
        self._items = {item.stem: item for _, item in house.services.learning.quizzes.items.values()}
        self.log: list[tuple[str, str]] = []

    def say(self, text: str, minutes: float = 1) -> Message:
        return self._said("周敏", self._browser, text, minutes)

    def work(self, course: str, done: Callable[[], bool]) -> None:
        """Until it is done, or nothing more is asked today."""
        message = self.say(f"课程：{course}")
        for _ in range(MOST_STEPS):
            following = None if done() else self._next(message)
            if following is None:
                return
            message = following
        raise AssertionError("the course does not end")

    def _next(self, message: Message) -> Message | None:
        offered = [
            choice.send
            for block in message.blocks
            if isinstance(block, ChoicesBlock)
            for choice in block.choices
        ]
        for block in message.blocks:
            if isinstance(block, QuizBlock):
                return self.say(self.answer(block), 0.3)
        for words in ("下一页", "完成", "请师傅签字"):
            if words in offered:
                said = self.say(words, 3)
                return self._signed() if words == "请师傅签字" else said
        for words in offered:
            if words.startswith("测验："):
                return self._play_quiz(words)
            if words.startswith(("练习：", "演练：")):
                return self._practise(words) if words.startswith("练习") else self._drill(words)
        return self.say("继续学习") if "继续学习" in offered else None

    def answer(self, block: QuizBlock) -> str:
        """What somebody who has read the cards would say."""
        item: Item = self._items[block.stem]
        if item.kind == "judgement":
            return "对" if item.truth else "错"
        if item.kind in ("fill", "reply"):
            return item.answers[0] if item.kind == "fill" else item.good
        keys = {option.label: option.key for option in block.options}
        return "".join(keys[one.text] for one in item.options if item.kind == "order" or one.correct)

    def _play_quiz(self, words: str) -> Message:
        message = self.say(words)
        while any(isinstance(block, QuizBlock) for block in message.blocks):
            message = self._next(message) or message
        return self.say("继续学习")

    def _practise(self, words: str) -> Message:
        message = self.say(words)
        better = ""
        for line in self._lines():
            if any(isinstance(block, ScoreCardBlock) for block in message.blocks):
                break
            message = self.say(better or line)
            found = [block for block in message.blocks if isinstance(block, FeedbackBlock)]
            better = (
                found[-1].rewrite
                if found and found[-1].overall < 70 and found[-1].rewrite != found[-1].reply
                else ""
            )
        if not any(isinstance(block, ScoreCardBlock) for block in message.blocks):
            self.say("结束")
        return self.say("继续学习")

    def _drill(self, words: str) -> Message:
        message = self.say(words)
        for _ in range(60):
            offered = [
                c.send for block in message.blocks if isinstance(block, ChoicesBlock) for c in block.choices
            ]
            if words in offered:  # the review offers to play it again
                break
            drill = self._house.services.learning.drills.named(words.removeprefix("演练："))
            good = {one.label for one in drill.decisions if one.good} if drill else set()
            message = self.say(next((one for one in offered if one in good), "等一等"))
        return self.say("继续学习")

    def _signed(self) -> Message:
        """The mentor hears of it, says the code back, and the newcomer goes on."""
        self._house.clock.move(minutes=5)
        told = self._mentor.post("/api/v1/notices").json()["messages"]
        words = "\n".join(words_of(Message.model_validate(one)) for one in told)
        self.log.append(("（师傅收到）", words))
        for code in re.findall(r"签字 (\d{4,6})", words):
            self._said("师傅", self._mentor, f"签字 {code}", 1)
        return self.say("继续学习")

    def _said(self, who: str, browser: TestClient, text: str, minutes: float) -> Message:
        message = self._house.say(browser, text)
        self.log += [(who, text), ("安训", words_of(message))]
        self._house.clock.move(minutes=minutes)
        return message

    def _lines(self) -> Iterator[str]:
        for _ in range(3):
            yield from KIND
