"""Role-play as chat calls it: finds the practice of a conversation, plays a turn, keeps it, shows it.

Every public method takes what was said and returns the bot's message, as actions do. A turn that was already
played with the same message id is answered from the store.
"""

from __future__ import annotations

import zlib
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from bot.content.personas import Persona
from bot.content.rubric import Rubric
from bot.content.scenarios import Scenario
from bot.judgement import Judgement
from bot.messages import Block, Choice, ChoicesBlock, Incoming, Message, ScoreCardBlock, TextBlock, say
from bot.presenting import (
    briefing,
    comparison,
    customer_turn,
    feedback,
    scenario_choices,
    score_card,
    sitting_card,
)
from bot.roleplay.hints import hint
from bot.roleplay.scoring import HINT_COST, finish
from bot.roleplay.session import Mode, Practice, Scorer, play, retry_last, start, what_if
from bot.roleplay.sitting import WARM_UP_SECONDS, CallResult, Sitting, sit_exam, warm_up
from bot.roleplay.stage import Stage
from bot.stores.practices import PracticeStore, StoredPractice
from bot.stores.tables import now

FIRST_DIFFICULTY = 3
"""A first practice meets the person as written: angry, and not yet at the brink."""
_BEGIN = ChoicesBlock(choices=[Choice(label="开始练习", send="开始练习")])
_AGAIN = ChoicesBlock(
    choices=[
        Choice(label="再来一通", send="开始练习"),
        Choice(label="挑个客户", send="有哪些客户可以练"),
        Choice(label="热身", send="热身"),
    ]
)
_HOW = "下面每一句都是对客户说的。卡住了说“提示”（扣 {cost} 分），说得不满意说“重说”，有事说“暂停”，想停就说“结束”。"
_NO_HELP = {
    "exam": "考试里没有提示，也不能重说。接着说，做完一起看点评；实在不想考了说“结束”。",
    "warm_up": "热身一人一句，不用提示和重说，说错了也没关系。接着说就行。",
}


class Notes(Protocol):
    """Whoever wants to know what was said and how calls ended."""

    def turn(self, said: Incoming, practice: int, judgement: Judgement) -> None: ...

    def call_ended(
        self, said: Incoming, practice: int, scenario: str, persona: str, card: ScoreCardBlock
    ) -> None: ...


class Practising:
    def __init__(
        self,
        stage: Stage,
        scorer: Scorer,
        rubric: Rubric,
        store: PracticeStore,
        notes: Notes | None = None,
    ) -> None:
        self._stage = stage
        self._notes = notes
        self._scorer = scorer
        self._rubric = rubric
        self._store = store
        names = {p.name for p in stage.personas.values()}
        self.choices = frozenset(names | {s.title for s in stage.scenarios.values()})
        """What a person may name to pick a practice: 和王姐练习, 练习：电费翻了三倍."""

    def start(self, said: Incoming) -> Message:
        """Begin the scenario the text names, a scenario of the customer it names, or the one least often practised."""
        return self._begin(said, "learning")

    def start_group(self, said: Incoming) -> Message:
        """One customer for everybody in a group chat, who take turns; needs to know who speaks."""
        if not said.speaker:
            return say(
                "群练要在群里：大家轮流对同一位客户说话，我按名字叫人。一个人练就说“开始练习”。", "notice"
            )
        return self._begin(said, "group")

    def start_exam(self, said: Incoming) -> Message:
        """Begin the paper that the text names, or offer the papers there are."""
        for exam in self._stage.exams.values():
            if exam.title in said.text:
                return self._next_call(said.conversation, sit_exam(exam), [])
        if not self._stage.exams:
            return say("还没有试卷。管理员在 knowledge/exams/ 里写一份就能考。", "notice")
        choices = [
            Choice(label=f"{e.title}：{e.about}", send=f"考试：{e.title}") for e in self._stage.exams.values()
        ]
        return Message(
            blocks=[ChoicesBlock(prompt="考哪一份？开考以后没有提示，做完一起看点评。", choices=choices)]
        )

    def start_warm_up(self, said: Incoming) -> Message:
        """Ten customers, one sentence each."""
        sitting = warm_up(self._stage, self._seed(said.conversation))
        intro = TextBlock(
            text=f"热身：{len(sitting.calls)} 位客户，每位只回一句，一分钟之内。接住他最急的那件事就行。",
            tone="notice",
        )
        return self._next_call(said.conversation, sitting, [intro])

    def list_personas(self, _said: Incoming) -> Message:
        return Message(blocks=[self._choices("想跟谁练？点一个就开始。")])

    def play(self, said: Incoming) -> Message:
        """One turn: what the reply did, what the customer says next, and at the end the score card."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        if kept := self._store.turn(stored.id, said.message_id):
            return Message.model_validate(kept)
        practice = Practice.from_dict(stored.practice)
        if practice.over:  # the process died after the last turn was kept and before the card was
            return self._finish(said, stored, *self._last_words(said.conversation, stored, practice))
        if self._out_of_time(stored, practice):
            return self._time_is_up(said, stored, practice)
        if practice.mode == "group" and (wait := _not_your_turn(practice, said.speaker)):
            return wait
        practice, record = play(self._stage, practice, said.text, self._scorer, said.speaker)
        blocks: list[Block] = []
        if practice.mode != "exam":
            blocks.append(feedback(record, self._rubric))
        if practice.first_try is not None:
            blocks.append(comparison(practice.first_try, record))
        blocks.append(customer_turn(practice, self._persona(practice), self._stage, said.speaker))
        closing = self._closing(said.conversation, stored, practice) if practice.over else None
        message = Message(blocks=[*blocks, *(closing[1] if closing else [])])
        self._store.add_turn(
            stored.id,
            said.message_id,
            record.number,
            record.judgement.overall,
            practice.to_dict()["turns"][-1],
            practice.to_dict(),
            message.model_dump(mode="json"),
        )
        if self._notes is not None:
            self._notes.turn(said, stored.id, record.judgement)
        return self._finish(said, stored, closing[0], message) if closing else message

    def retry(self, said: Incoming) -> Message:
        """Take the last turn back: the same customer in the same mood waits for other words."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        practice = Practice.from_dict(stored.practice)
        if refusal := _NO_HELP.get(practice.mode):
            return say(refusal, "notice")
        if not practice.turns:
            return say("还没说过话，没有要重说的。直接对客户开口就行。", "notice")
        before = practice.turns[-1]
        practice = retry_last(practice)
        self._store.replace_last_turn(stored.id, practice.to_dict())
        return Message(
            blocks=[
                TextBlock(
                    text=f"好，回到上一句之前，刚才那句“{_short(before.reply)}”不算。换个说法，说完我把两回摆在一起给你看：",
                    tone="notice",
                ),
                customer_turn(practice, self._persona(practice), self._stage, said.speaker),
            ]
        )

    def what_if(self, said: Incoming) -> Message:
        """What the suggested wording would have done in place of the last reply; the call stays as it is."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        practice = Practice.from_dict(stored.practice)
        if refusal := _NO_HELP.get(practice.mode):
            return say(refusal, "notice")
        if not practice.turns:
            return say("还没说过话，没有可以比的。先对客户说一句。", "notice")
        last = practice.turns[-1]
        better = last.judgement.rewrite
        if not better or better == last.reply.strip():
            return say("上一句我没有更好的说法，照你的意思接着往下谈。", "notice")
        other = what_if(self._stage, practice, better, self._scorer)
        return Message(
            blocks=[
                comparison(last, other, titles=("你说的", "换个说法")),
                TextBlock(text="这通电话没有变，接着你自己的那句往下谈；想改就说“重说”。", tone="notice"),
            ]
        )

    def hint(self, said: Incoming) -> Message:
        """One kind sentence on what would help now; it costs a few points, and is kept."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        practice = Practice.from_dict(stored.practice)
        if refusal := _NO_HELP.get(practice.mode):
            return say(refusal, "notice")
        words = hint(self._stage, practice)
        practice = replace(practice, hints=practice.hints + 1)
        self._store.save(stored.id, practice.to_dict())
        return say(f"{words}（第 {practice.hints} 次提示，场分减 {HINT_COST * practice.hints} 分）", "notice")

    def pause(self, said: Incoming) -> Message:
        """Put the call aside; it goes on at the same turn whenever it is taken up again."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        if stored.sitting is not None:
            return say("考试和热身一口气做完，不能暂停。想停就说“结束”。", "notice")
        self._store.pause(stored.id)
        practice = Practice.from_dict(stored.practice)
        name = self._persona(practice).name
        return Message(
            blocks=[
                TextBlock(
                    text=f"{name}这通先放着，第 {len(practice.turns)} 句之后，哪天说“继续”都从这里接上。",
                    tone="notice",
                ),
                ChoicesBlock(choices=[Choice(label="继续", send="继续")]),
            ]
        )

    def resume(self, said: Incoming) -> Message:
        """Take up the call that was paused last."""
        stored = self._store.paused(said.conversation)
        if stored is None:
            return self._not_practising(said)
        self._store.resume(said.conversation, stored.id)
        practice = Practice.from_dict(stored.practice)
        return Message(
            blocks=[
                TextBlock(text="接着上回的练。客户刚说到这一句：", tone="notice"),
                customer_turn(practice, self._persona(practice), self._stage, said.speaker),
            ]
        )

    def give_up(self, said: Incoming) -> Message:
        """Stop without a score."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        self._store.finish(stored.id, "open", None, None)
        return Message(blocks=[TextBlock(text="好，这一通不算，也不记分。", tone="notice"), _AGAIN])

    def end(self, said: Incoming) -> Message:
        """Stop here and score what was said; a call without a word has nothing to score."""
        stored = self._store.active(said.conversation)
        if stored is None:
            return self._not_practising(said)
        return Message(blocks=[*self._close(said, stored), _AGAIN])

    def switch(self, said: Incoming) -> Message:
        """Stop here and offer the other scenarios."""
        stored = self._store.active(said.conversation)
        closing = self._close(said, stored) if stored else []
        return Message(blocks=[*closing, self._choices("换哪一位？")])

    def _begin(self, said: Incoming, mode: Mode) -> Message:
        scenario = self._pick(said.conversation, said.text)
        practice = start(self._stage, scenario=scenario.id, seed=self._seed(said.conversation), mode=mode)
        self._store.start(said.conversation, practice.persona, scenario.id, practice.to_dict())
        how = _HOW.format(cost=HINT_COST)
        if mode == "group":
            how = f"大家轮着来，一人一句，{said.speaker}先开口。" + how
        return Message(
            blocks=[
                TextBlock(text=f"{briefing(scenario, self._persona(practice))}\n{how}", tone="notice"),
                customer_turn(practice, self._persona(practice), self._stage, said.speaker),
            ]
        )

    def _next_call(self, conversation: str, sitting: Sitting, before: list[Block]) -> Message:
        """The next customer of an exam or a warm-up, kept and shown."""
        practice = sitting.begin_next(self._stage)
        self._store.start(
            conversation, practice.persona, practice.scenario, practice.to_dict(), sitting.to_dict()
        )
        blocks = list(before)
        number = f"{sitting.title} 第 {len(sitting.results) + 1} / {len(sitting.calls)} 位"
        if practice.scenario is not None:
            scenario = self._stage.scenario(practice.scenario)
            number += f"，限时 {scenario.minutes} 分钟。\n{briefing(scenario, self._persona(practice))}"
        blocks += [
            TextBlock(text=number, tone="notice"),
            customer_turn(practice, self._persona(practice), self._stage),
        ]
        return Message(blocks=blocks)

    def _closing(
        self, conversation: str, stored: StoredPractice, practice: Practice
    ) -> tuple[ScoreCardBlock, list[Block]]:
        """The score card, and what is shown at the end of this call."""
        card = self._card(conversation, practice)
        if practice.mode == "warm_up":
            return card, []
        told: list[Block] = []
        if practice.mode == "exam":
            told = [feedback(turn, self._rubric) for turn in practice.turns]
        return card, [*told, card, *([] if stored.sitting else [_AGAIN])]

    def _last_words(
        self, conversation: str, stored: StoredPractice, practice: Practice
    ) -> tuple[ScoreCardBlock, Message]:
        card, blocks = self._closing(conversation, stored, practice)
        ended = TextBlock(text="上一通已经说完了，成绩单在这里。刚才这句没有算进去。", tone="notice")
        return card, Message(blocks=[ended, *blocks])

    def _finish(
        self, said: Incoming, stored: StoredPractice, card: ScoreCardBlock, message: Message
    ) -> Message:
        """Close a call that is over; in an exam or a warm-up, bring on the next one."""
        self._keep(said, stored, card)
        if stored.sitting is None:
            return message
        return self._go_on(said.conversation, stored, card, list(message.blocks))

    def _keep(self, said: Incoming, stored: StoredPractice, card: ScoreCardBlock) -> None:
        """The score of a call. A group's belongs to nobody alone: there the turns count."""
        self._store.finish(stored.id, card.outcome, card.overall, card.model_dump(mode="json"))
        practice = Practice.from_dict(stored.practice)
        if self._notes is not None and practice.mode != "group":
            self._notes.call_ended(said, stored.id, practice.scenario or "", practice.persona, card)

    def _go_on(
        self, conversation: str, stored: StoredPractice, card: ScoreCardBlock, blocks: list[Block]
    ) -> Message:
        sitting = Sitting.from_dict(stored.sitting or {})
        late = sitting.kind == "warm_up" and self._seconds(stored) > WARM_UP_SECONDS
        sitting = sitting.with_result(
            CallResult(
                name=card.name,
                overall=0 if late else card.overall,
                outcome=card.outcome,
                clean=not card.redlines,
                anger=(card.curve[0].anger, card.curve[-1].anger),
                late=late,
            )
        )
        if sitting.over:
            return Message(blocks=[*blocks, sitting_card(sitting), _AGAIN])
        return self._next_call(conversation, sitting, blocks)

    def _close(self, said: Incoming, stored: StoredPractice) -> list[Block]:
        practice = Practice.from_dict(stored.practice)
        if not practice.turns:
            self._store.finish(stored.id, "open", None, None)
            return [TextBlock(text="这一通还没开口就停了，不算分。", tone="notice")]
        card, blocks = self._closing(said.conversation, stored, practice)
        self._keep(said, stored, card)
        unfinished = TextBlock(text="这一场没做完，不算成绩。", tone="notice")
        return [
            *([unfinished] if stored.sitting else []),
            *(block for block in blocks if block is not _AGAIN),
        ]

    def _out_of_time(self, stored: StoredPractice, practice: Practice) -> bool:
        if practice.mode != "exam" or practice.scenario is None:
            return False
        return self._seconds(stored) > 60 * self._stage.scenario(practice.scenario).minutes

    def _time_is_up(self, said: Incoming, stored: StoredPractice, practice: Practice) -> Message:
        over = replace(practice, timed_out=True)
        late = TextBlock(text="时间到了，最后这句没有算进去。", tone="notice")
        card, blocks = self._closing(said.conversation, stored, over)
        return self._finish(said, stored, card, Message(blocks=[late, *blocks]))

    def _seconds(self, stored: StoredPractice) -> float:
        return (now() - stored.started_at) / timedelta(seconds=1)

    def _card(self, conversation: str, practice: Practice) -> ScoreCardBlock:
        return score_card(
            practice,
            self._persona(practice),
            finish(self._stage, practice),
            self._rubric,
            self._store.last_card(conversation),
            self._store.earlier(conversation, practice.persona),
        )

    def _persona(self, practice: Practice) -> Persona:
        return self._stage.persona(practice.persona)

    def _seed(self, conversation: str) -> int:
        """Each further practice of a conversation takes the next seed, so customers find new words (`deck.STRIDE`)."""
        begun = sum(self._store.counts(conversation).values())
        return zlib.crc32(conversation.encode()) % 9_000 + begun

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

    def _not_practising(self, said: Incoming) -> Message:
        if self._store.paused(said.conversation) is not None:
            choices = [Choice(label="继续上回的", send="继续"), Choice(label="新开一通", send="开始练习")]
            return Message(
                blocks=[
                    TextBlock(text="现在没有在练，有一通暂停着。", tone="notice"),
                    ChoicesBlock(choices=choices),
                ]
            )
        return Message(
            blocks=[
                TextBlock(text="现在没有在练。说“开始练习”，我就扮一位欠费的客户跟你过一遍。", tone="notice"),
                _BEGIN,
            ]
        )


def _not_your_turn(practice: Practice, speaker: str) -> Message | None:
    """In a group nobody speaks twice in a row while somebody else has spoken before."""
    others = {turn.speaker for turn in practice.turns} - {speaker}
    if not others or practice.turns[-1].speaker != speaker:
        return None
    return say(f"{speaker}刚说过，这一句让给{'、'.join(sorted(others))}，或者还没开口的同事。", "notice")


def _short(text: str) -> str:
    return text if len(text) <= 20 else f"{text[:20]}……"
