"""What authors write, as checked frozen values: regulation cards, cases, questions and answers.

Read by `bot.content.loader`, the only reader of knowledge/. Unknown keys are refused.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    field_validator,
)

Topic = Literal["client_data", "fee_collection", "new_business", "contracts", "cyber_security", "work_safety"]
TOPIC_NAMES: dict[str, str] = {
    "client_data": "客户信息",
    "fee_collection": "电费催收",
    "new_business": "新业务与计量",
    "contracts": "供用电合同",
    "cyber_security": "网络安全",
    "work_safety": "作业安全",
}

PLACEHOLDER = "（待写）"


def _written(text: str) -> str:
    if PLACEHOLDER in text:
        raise ValueError("还没有写")
    return text


ID_PATTERN = r"^[a-z0-9]+(-[a-z0-9]+)*$"
Id = Annotated[str, StringConstraints(pattern=ID_PATTERN, max_length=64)]
Written = AfterValidator(_written)
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=600), Written]
Article = int | Annotated[str, StringConstraints(pattern=r"^\d+之[一二三四五六七八九十]+$")]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegulationCard(_Authored):
    """One clause, or one tight group of clauses, in our own words.

    `article` is None only where the source's numbering is not known for sure (then `status` is not `verified`).
    `formerly` maps an older version of the law to the number this clause had there.
    `own_numbers` lists numbers in summary, do or dont that are ours and not the law's, each with its reason.
    `shares_questions_with` declares that a question may stand on another card too: both answer it.
    """

    id: Id
    topic: Topic
    title: Line
    law: Line
    article: Article | tuple[Article, ...] | None
    law_version: date | None = None
    effective_from: date | None = None
    superseded_by: Id | None = None
    formerly: str = ""
    status: Literal["verified", "second_hand", "company_rule"]
    summary: Line
    quote: Annotated[str, StringConstraints(max_length=40), Written] = ""
    applies_when: Line
    do: tuple[Line, ...] = Field(min_length=1)
    dont: tuple[Line, ...] = Field(min_length=1)
    questions: tuple[Line, ...] = Field(min_length=5)
    not_questions: tuple[Line, ...] = ()
    tags: tuple[str, ...] = ()
    own_numbers: dict[str, str] = {}
    shares_questions_with: tuple[Id, ...] = ()
    source: Line
    reviewed_on: date

    @property
    def articles(self) -> tuple[int | str, ...]:
        """The article numbers, none, one or several, always as a tuple."""
        if self.article is None:
            return ()
        return self.article if isinstance(self.article, tuple) else (self.article,)

    @field_validator("status")
    @classmethod
    def _verified_names_its_article(cls, value: str, info: ValidationInfo) -> str:
        if value == "verified" and info.data.get("article", 0) is None:
            raise ValueError("没有条号，不能写 verified")
        return value


class Moment(_Authored):
    """One step of a case: when it was, and what happened."""

    when: str
    what: Line


class CaseStudy(_Authored):
    """An original, anonymous story. `kind` says whether it went wrong, nearly did, or went well."""

    id: Id
    topic: Topic
    kind: Literal["incident", "near_miss", "good_example"]
    title: Line
    happened: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=250, max_length=700), Written
    ]
    timeline: tuple[Moment, ...] = Field(min_length=2)
    root_cause: Line
    cards: tuple[Id, ...] = Field(min_length=1)
    should_have: Line
    manager_changes: Line
    discussion: tuple[Line, ...] = Field(min_length=3, max_length=3)
    questions: tuple[Line, ...] = Field(min_length=3)
    reviewed_on: date


class Faq(_Authored):
    """A question that no single clause answers: a procedure, whom to call, what to say."""

    id: Id
    topic: Topic
    question: Line
    questions: tuple[Line, ...] = Field(min_length=4)
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=600), Written]
    steps: tuple[Line, ...] = ()
    cards: tuple[Id, ...] = Field(min_length=1)
    own_numbers: dict[str, str] = {}
    reviewed_on: date
