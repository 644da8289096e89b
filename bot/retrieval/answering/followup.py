"""Answers within a conversation: 欠费多久能停电？ → 那复电呢？ → 第二条什么意思 → 谢谢. `bot.asking` calls it.

An utterance is answered alone and together with the last question; its wording and the two answers decide which one
counts. No language model, no memory: the turns are handed in.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import AnswerBlock
from bot.retrieval.answering.answer import Answerer
from bot.retrieval.answering.followup_decision import Decision
from bot.retrieval.answering.followup_signs import asks_why, is_chat, pointed_at, signs, without_nod
from bot.text import normalise

Kind = Literal["chat", "new", "follow"]
NODDED = "好的，有事再问。"
SAME = "这一点我手头的依据没有单独说，能用得上的还是刚才这条："
LONGEST = 60
"""Characters of earlier talk that are carried on: more would outweigh the new words."""
_BREAKS = re.compile(r"[，。；、,;?？!！\s]+")
"""Left out of what is searched for: it is one question, not the several that marks would make of it."""


@dataclass(frozen=True)
class Reading:
    """What an utterance is taken for, and the answer to it; for `chat` that is a friendly word."""

    kind: Kind
    block: AnswerBlock


class FollowUps:
    """Pure: the same utterance after the same turns is read the same way."""

    def __init__(self, answerer: Answerer, decision: Decision) -> None:
        self._answerer = answerer
        self._decision = decision

    def read(self, utterance: str, earlier: Sequence[AnswerBlock] = ()) -> Reading:
        """`earlier` are the answers given so far, oldest first; none, and everything but a nod is new."""
        said = normalise(utterance)
        if is_chat(said):
            return Reading("chat", AnswerBlock(question=said, answered=False, answer=NODDED, confidence=0))
        last = earlier[-1] if earlier else None
        if last is None or said in (*last.related, *last.choices):  # what we offered stands alone
            return Reading("new", self._answerer.ask(utterance))
        core = without_nod(said)
        if (block := self._explained(core, last)) is not None:
            return Reading("follow", block)
        alone, joined = self._answerer.ask(core), understood(self._answerer, core, last)
        values = self._values(core, last, alone, joined)
        # Alone it reaches all that was said, together with the topic nothing of it: that answer was dragged along.
        # So it is where a bare word is asked back alone and the last answer knows nothing of it.
        dragged = alone.answered and (not joined.answered or values["lost"] == 1)
        dragged = dragged or (bool(alone.choices) and not values["held"])
        if dragged or not self._decision.follows(values):
            return Reading("new", alone if core == said else self._answerer.ask(utterance))
        return Reading("follow", self._not_again(core, last, joined))

    def _not_again(self, core: str, last: AnswerBlock, joined: AnswerBlock) -> AnswerBlock:
        """What was just said is not said again in full: only what of it speaks to the new words, or that nothing does."""
        if not joined.answered or joined.answer != last.answer:
            return joined
        narrowed = self._answerer.narrowed(joined.answer, core)
        return joined.model_copy(update={"answer": narrowed or SAME + joined.answer})

    def features_of(self, utterance: str, last: AnswerBlock) -> dict[str, float]:
        """What the decision rests on."""
        core = without_nod(normalise(utterance))
        return self._values(core, last, self._answerer.ask(core), understood(self._answerer, core, last))

    def _explained(self, core: str, last: AnswerBlock) -> AnswerBlock | None:
        """The answer about the citation pointed at, or about the first one when only the reason is asked for."""
        place = 0 if asks_why(core) else pointed_at(core)
        if place is None or place >= len(last.citations):
            return None
        cited = last.citations[place]
        block = self._answerer.about(cited.id, f"{core}，{topic_of(last)}")
        return block and _named(block, core, cited.title)

    def _values(
        self, core: str, last: AnswerBlock, alone: AnswerBlock, joined: AnswerBlock
    ) -> dict[str, float]:
        lexicon, tokens = self._answerer.retriever.lexicon, self._answerer.tokens
        asked = lexicon.question(tokens.repair(core), tokens)
        cited = [c.id for c in last.citations]

        def held_by(block: AnswerBlock) -> float:
            held = {unit for c in block.citations for unit in lexicon.words.of_item.get(c.id, ())}
            return lexicon.words.share(asked.words, held)

        known = [w for w in asked.words if w in lexicon.words.idf]
        return {
            **signs(core),
            "weight": sum(lexicon.words.idf[w] for w in known) / lexicon.words.unseen,
            "held": held_by(last),
            "lost": held_by(alone) - held_by(joined),
            "alone": alone.confidence,
            "joined": joined.confidence,
            "same": float(_first(alone) in cited),
            "stays": float(_first(joined) in cited),
            "agree": float(_first(alone) == _first(joined) != ""),
        }


def topic_of(block: AnswerBlock) -> str:
    """What the talk is about after `block`: its question, as understood when it was itself a follow-up."""
    return (block.understood or block.question)[-LONGEST:]


def understood(answerer: Answerer, core: str, last: AnswerBlock) -> AnswerBlock:
    """The answer to `core` as a follow-up on `last`. The new words are searched for twice: they outweigh the topic
    that they are joined to."""
    topic = topic_of(last)
    plain = " ".join(_BREAKS.sub(" ", part).strip() for part in (core, core, topic))
    return _named(answerer.ask(plain), core, f"{topic.rstrip('？?。，')}，{core}")


def _named(block: AnswerBlock, question: str, understood: str) -> AnswerBlock:
    return block.model_copy(update={"question": question, "understood": understood[-2 * LONGEST :]})


def _first(block: AnswerBlock) -> str:
    return block.citations[0].id if block.citations else ""
