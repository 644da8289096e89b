"""Role-play as chat calls it: finds the practice of a conversation, plays a turn, keeps it, shows it.

Every public method takes (conversation, text, message_id) and returns the bot's message, as actions do.
A turn that was already played with the same message id is answered from the store.
"""

from __future__ import annotations

import zlib

from bot.content.personas import Persona, Scenario
from bot.content.rubric import Rubric
from bot.messages import Block, Choice, ChoicesBlock, Message, ScoreCardBlock, TextBlock
from bot.presenting import customer_turn, feedback, scenario_choices, score_card
from bot.roleplay.hints import hint
from bot.roleplay.scoring import finish
from bot.roleplay.session import Practice, Scorer, play, retry_last, start
from bot.roleplay.stage import Stage
from bot.stores.practices import PracticeStore, StoredPractice

FIRST_DIFFICULTY = 3
"""A first practice meets the person as written: angry, and not yet at the brink."""
_NOT_NOW = "现在没有在练。说“开始练习”，我就扮一位欠费的客户跟你过一遍。"
_BEGIN = ChoicesBlock(choices=[Choice(label="开始练习", send="开始练习")])


class Practising:
    def __init__(self, stage: Stage, scorer: Scorer, rubric: Rubric, store: PracticeStore) -> None:
        self._stage = stage
        self._scorer = scorer
        self._rubric = rubric
        self._store = store
        names = {p.name for p in stage.personas.values()}
        self.choices = frozenset(names | {s.title for s in stage.scenarios.values()})
        """What a person may name to pick a practice: 和王姐练习, 练习：电费翻了三倍."""

    def start(self, conversation: str, text: str, message_id: str) -> Message:
        """Begin the scenario the text names, a scenario of the customer it names, or the one least often practised."""
        scenario = self._pick(conversation, text)
        counts = self._store.counts(conversation)
        seed = zlib.crc32(f"{conversation}:{sum(counts.values())}".encode()) % 10_000
        practice = start(self._stage, scenario=scenario.id, seed=seed)
        self._store.start(conversation, practice.persona, scenario.id, practice.to_dict())
        persona = self._stage.persona(practice.persona)
        return Message(
            blocks=[
                TextBlock(
                    text=f"这一通：{scenario.title}。{persona.about}\n你要做到：{scenario.goal}"
                    "\n下面每一句都是对客户说的。卡住了说“提示”，说得不满意说“重说”，想停就说“结束”。",
                    tone="notice",
                ),
                customer_turn(practice, persona),
            ]
        )

    def list_personas(self, _conversation: str, _text: str, _message_id: str) -> Message:
        return Message(blocks=[self._choices("想跟谁练？点一个就开始。")])

    def play(self, conversation: str, text: str, message_id: str) -> Message:
        """One turn: what the reply did, what the customer says next, and at the end the score card."""
        stored = self._store.active(conversation)
        if stored is None:
            return _not_practising()
        if kept := self._store.turn(stored.id, message_id):
            return Message.model_validate(kept)
        practice, record = play(self._stage, Practice.from_dict(stored.practice), text, self._scorer)
        blocks: list[Block] = [
            feedback(record, self._rubric),
            customer_turn(practice, self._persona(practice)),
        ]
        card = self._card(conversation, practice) if practice.over else None
        if card:
            blocks += [card, self._after()]
        message = Message(blocks=blocks)
        self._store.add_turn(
            stored.id,
            message_id,
            record.number,
            record.judgement.overall,
            practice.to_dict()["turns"][-1],
            practice.to_dict(),
            message.model_dump(mode="json"),
        )
        if card:
            self._store.finish(stored.id, card.outcome, card.overall, card.model_dump(mode="json"))
        return message

    def retry(self, conversation: str, _text: str, _message_id: str) -> Message:
        """Take the last turn back: the same customer in the same mood waits for other words."""
        stored = self._store.active(conversation)
        if stored is None:
            return _not_practising()
        practice = Practice.from_dict(stored.practice)
        if not practice.turns:
            return Message(
                blocks=[TextBlock(text="还没说过话，没有要重说的。直接对客户开口就行。", tone="notice")]
            )
        before = practice.turns[-1]
        practice = retry_last(practice)
        self._store.replace_last_turn(stored.id, practice.to_dict())
        return Message(
            blocks=[
                TextBlock(
                    text=f"好，回到上一句之前，刚才那句“{_short(before.reply)}”不算。换个说法：",
                    tone="notice",
                ),
                customer_turn(practice, self._persona(practice)),
            ]
        )

    def hint(self, conversation: str, _text: str, _message_id: str) -> Message:
        stored = self._store.active(conversation)
        if stored is None:
            return _not_practising()
        return Message(
            blocks=[TextBlock(text=hint(self._stage, Practice.from_dict(stored.practice)), tone="notice")]
        )

    def end(self, conversation: str, _text: str, _message_id: str) -> Message:
        """Stop here and score what was said; a call without a word has nothing to score."""
        stored = self._store.active(conversation)
        if stored is None:
            return _not_practising()
        return Message(blocks=[*self._close(conversation, stored), self._after()])

    def switch(self, conversation: str, _text: str, _message_id: str) -> Message:
        """Stop here and offer the other scenarios."""
        stored = self._store.active(conversation)
        closing = self._close(conversation, stored) if stored else []
        return Message(blocks=[*closing, self._choices("换哪一位？")])

    def _close(self, conversation: str, stored: StoredPractice) -> list[Block]:
        practice = Practice.from_dict(stored.practice)
        if not practice.turns:
            self._store.finish(stored.id, "open", None, None)
            return [TextBlock(text="这一通还没开口就停了，不算分。", tone="notice")]
        card = self._card(conversation, practice)
        self._store.finish(stored.id, card.outcome, card.overall, card.model_dump(mode="json"))
        return [card]

    def _card(self, conversation: str, practice: Practice) -> ScoreCardBlock:
        result = finish(self._stage, practice)
        return score_card(
            practice, self._persona(practice), result, self._rubric, self._store.last_card(conversation)
        )

    def _persona(self, practice: Practice) -> Persona:
        return self._stage.persona(practice.persona)

    def _pick(self, conversation: str, text: str) -> Scenario:
        scenarios = list(self._stage.scenarios.values())
        for scenario in scenarios:
            if scenario.title in text:
                return scenario
        named = [s for s in scenarios if self._stage.personas[s.persona].name in text]
        counts = self._store.counts(conversation)
        return min(
            named or scenarios,
            key=lambda s: (counts.get(s.id, 0), abs(s.difficulty - FIRST_DIFFICULTY), s.id),
        )

    def _choices(self, prompt: str) -> ChoicesBlock:
        return scenario_choices(self._stage.scenarios.values(), self._stage.personas, prompt)

    def _after(self) -> ChoicesBlock:
        return ChoicesBlock(
            choices=[
                Choice(label="再来一通", send="开始练习"),
                Choice(label="挑个客户", send="有哪些客户可以练"),
            ]
        )


def _not_practising() -> Message:
    return Message(blocks=[TextBlock(text=_NOT_NOW, tone="notice"), _BEGIN])


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}……"
