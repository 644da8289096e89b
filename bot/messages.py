"""The typed message: a list of blocks that every channel renders in its own way.

Actions build a Message, Rasa carries it as one `custom` payload, channels draw it. No block holds markup:
a widget makes DOM nodes from fields, WeCom and DingTalk make text within their own byte limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

OWN_PAGE = r"^/([\w.?=&%-][\w./?=&%-]*)?$"
"""A path on our own server: `//elsewhere` would be another one."""
OWN_PICTURE = r"^(/[\w.?=&%-][\w./?=&%-]*)?$"
Status = Literal["current", "superseded", "unverified"]


@dataclass(frozen=True)
class Incoming:
    """What a person said, masked. `speaker` is their name where several share a conversation, else "".

    `account` is whose account it came from; "" where the conversation is the account, as in a browser.
    """

    conversation: str
    text: str
    message_id: str = ""
    speaker: str = ""
    account: str = ""


class _Block(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextBlock(_Block):
    """Plain words. `notice` is a gentle aside, `error` says what the person can do next."""

    type: Literal["text"] = "text"
    text: str
    tone: Literal["plain", "notice", "error"] = "plain"


class Choice(_Block):
    """A quick reply: `label` is shown, `send` is what the person says by pressing it."""

    label: str
    send: str


class ChoicesBlock(_Block):
    type: Literal["choices"] = "choices"
    prompt: str = ""
    choices: list[Choice]


class Citation(_Block):
    """What an answer rests on. `article` is 39, "253之一", a list for a group, or None where the source numbers none.

    `status` is the contract's word; `status_label` the pill's: 现行, 已被取代, 二手资料, 公司规定, 案例, 问答, 单位文件.
    `quote_at` is where the quote stands in the text its source opens with (code points, end exclusive).
    """

    id: str
    kind: Literal["regulation", "case", "faq", "document"]
    title: str
    law: str | None = None
    article: int | str | list[int | str] | None = None
    quote: str = Field(default="", max_length=40)
    quote_at: tuple[int, int] | None = None
    status: Status
    status_label: str
    effective: str | None = None
    version: str | None = None
    source: str = ""


class AnswerBlock(_Block):
    """An answer with its citations, or, when `answered` is False, what we do not know and whom to ask.

    With `choices` it is neither: `answer` asks back, and each choice is a question that has an answer.
    `understood` is a follow-up with what it follows on, in the person's own words; empty for what stands alone.
    """

    type: Literal["answer"] = "answer"
    question: str
    answered: bool
    answer: str
    confidence: float = Field(ge=0, le=1)
    citations: list[Citation] = []
    do: list[str] = []
    dont: list[str] = []
    related: list[str] = []
    caution: str = ""
    choices: list[str] = []
    understood: str = ""

    @property
    def as_text(self) -> str:
        """The words for a channel without buttons: what is answered, then the choices, one a line."""
        return "\n".join([self.answer, *(f"{n}. {choice}" for n, choice in enumerate(self.choices, 1))])


class CurvePoint(_Block):
    """Anger after one turn (turn 0 is before the first word) and the strongest cause of its change, 2–6 characters."""

    turn: int
    anger: int = Field(ge=0, le=100)
    label: str = ""
    reply: str = ""


class CustomerTurnBlock(_Block):
    """The customer speaks. `level` 1..5 is the anger level, `level_name` one of 平静 不快 生气 发怒 失控.

    `setting` is 电话, 上门 or 微信; `to` is whom the customer talks to, in a group.
    """

    type: Literal["customer_turn"] = "customer_turn"
    persona: str
    name: str
    situation: str
    line: str
    anger: int = Field(ge=0, le=100)
    level: int = Field(ge=1, le=5)
    level_name: str
    turn: int
    curve: list[CurvePoint] = []
    setting: str = ""
    to: str = ""


class Evidence(_Block):
    """A stretch of the reply (code points, end exclusive) and what it did."""

    start: int
    end: int
    cue: str
    polarity: Literal["+", "-"]
    why: str


class RedLine(_Block):
    code: str
    name: str
    why: str


class Reason(_Block):
    """One named cause of the change in anger. `delta` below zero calmed the customer."""

    label: str
    delta: float


class StateChange(_Block):
    """One of 怒气, 信任, 被听懂, 出路, 面子 before and after a reply, 0..100."""

    name: str
    before: int
    after: int


class FeedbackBlock(_Block):
    """What one reply did: first what was good, then one thing to change, then a wording to try.

    `causes` says in plain words why the customer changed, the two strongest; `heard` is the part of the reply that was
    listened to, "" when it was all; `speaker` is who said it, in a group.
    """

    type: Literal["feedback"] = "feedback"
    turn: int
    reply: str
    praise: str
    advice: str
    rewrite: str
    overall: int = Field(ge=0, le=100)
    band: int = Field(ge=1, le=5)
    dimensions: dict[str, int | None]
    evidence: list[Evidence] = []
    redlines: list[RedLine] = []
    anger_before: int
    anger_after: int
    reasons: list[Reason] = []
    changes: list[StateChange] = []
    causes: list[str] = []
    heard: str = ""
    speaker: str = ""


class Try(_Block):
    """One way to say a turn, and what came of it."""

    title: str
    reply: str
    anger: int = Field(ge=0, le=100)
    delta: int
    line: str
    overall: int
    label: str = ""


class ComparisonBlock(_Block):
    """Two ways to say the same turn to the same customer in the same mood, side by side; the better one is named."""

    type: Literal["comparison"] = "comparison"
    turn: int
    anger_before: int
    tries: list[Try] = Field(min_length=2)
    verdict: str


class ScoreGroup(_Block):
    """One bar of the score card: 语气, 合规 or 解决; `last` is the score of the last practice, if there was one."""

    name: str
    score: int | None
    last: int | None = None


class KeyMoment(_Block):
    turn: int
    reply: str
    delta: float
    why: str


class ConditionCheck(_Block):
    """One thing the scenario asked for, and whether it was done."""

    what: str
    met: bool


class EarlierCall(_Block):
    """How an earlier call with this customer ended."""

    overall: int
    outcome_label: str


class SpeakerScore(_Block):
    """One trainee of a group: how often they spoke, and the mean score."""

    name: str
    turns: int
    overall: int


class ScoreCardBlock(_Block):
    """The end of a call. `curve` may hold `branches`: the replies that were taken back, as points beside the line.

    `earlier` are the calls with this customer before it, oldest first.
    """

    type: Literal["score_card"] = "score_card"
    name: str
    situation: str
    outcome: Literal["resolved", "open", "escalated", "hung_up"]
    outcome_label: str
    overall: int = Field(ge=0, le=100)
    grade: str
    groups: list[ScoreGroup]
    moments: list[KeyMoment]
    next_time: str
    summary: str
    redlines: list[RedLine] = []
    curve: list[CurvePoint]
    turns: int
    branches: list[CurvePoint] = []
    conditions: list[ConditionCheck] = []
    earlier: list[EarlierCall] = []
    hints: int = 0
    retries: int = 0
    speakers: list[SpeakerScore] = []


class SittingRow(_Block):
    """One call of an exam or a warm-up. `note` says how it ended; `passed` is None in a warm-up."""

    name: str
    overall: int
    note: str
    passed: bool | None = None


class SittingBlock(_Block):
    """The end of an exam or a warm-up: every call, the mean, and in an exam whether it was passed."""

    type: Literal["sitting"] = "sitting"
    title: str
    rows: list[SittingRow]
    overall: int
    pass_mark: int | None = None
    passed: bool | None = None
    verdict: str


class QuizOption(_Block):
    """One thing to choose; people answer with its `key`: A, B, C …"""

    key: str
    label: str


class QuizBlock(_Block):
    """A question with its ways to answer. `how` says in words how; `customer` is what a customer says in a reply item.

    `picture` is the path of an SVG on our own server, "" for none.
    """

    type: Literal["quiz"] = "quiz"
    title: str
    kind: Literal["single", "multiple", "judgement", "order", "fill", "reply", "hotspot"]
    stem: str
    options: list[QuizOption] = []
    how: str
    customer: str = ""
    picture: str = Field(default="", pattern=OWN_PICTURE)
    picture_alt: str = ""


class QuizResultBlock(_Block):
    """What came of an answer: the verdict in words, what was right and why, and what one may have believed instead."""

    type: Literal["quiz_result"] = "quiz_result"
    verdict: str
    score: float = Field(ge=0, le=1)
    given: str
    answer: str
    explanation: str
    misconception: str = ""
    citations: list[Citation] = []


class CardRow(_Block):
    label: str
    value: str


class PageLink(_Block):
    """A page on our own server. A `personal` one must know who opens it: chats hand over a one-time link."""

    label: str
    path: str = Field(pattern=OWN_PAGE)
    personal: bool = False


class CardBlock(_Block):
    """One thing with a few facts: a certificate, a statement, a hazard, a phase of a drill.

    `status` is the word in the pill, `status_kind` its colour. `picture` is a path on our own server, "" for none.
    """

    type: Literal["card"] = "card"
    title: str
    status: str = ""
    status_kind: Status = "current"
    rows: list[CardRow] = []
    lines: list[str] = []
    link: PageLink | None = None
    picture: str = Field(default="", pattern=OWN_PICTURE)
    picture_alt: str = ""


Block = Annotated[
    TextBlock
    | ChoicesBlock
    | AnswerBlock
    | CustomerTurnBlock
    | FeedbackBlock
    | ComparisonBlock
    | ScoreCardBlock
    | SittingBlock
    | QuizBlock
    | QuizResultBlock
    | CardBlock,
    Field(discriminator="type"),
]


class Message(BaseModel):
    """One bot message."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    blocks: list[Block]


def say(text: str, tone: Literal["plain", "notice", "error"] = "plain") -> Message:
    """A message of one text block."""
    return Message(blocks=[TextBlock(text=text, tone=tone)])
