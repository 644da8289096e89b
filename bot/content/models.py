"""What authors write, as checked frozen values: regulation cards, cases, questions and answers.

Read by `bot.content.loader`, the only reader of knowledge/. Unknown keys are refused.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Topic = Literal["client_data", "fee_collection", "new_business", "contracts", "work_safety"]
TOPIC_NAMES: dict[str, str] = {
    "client_data": "客户信息",
    "fee_collection": "电费催收",
    "new_business": "新业务与计量",
    "contracts": "供用电合同",
    "work_safety": "作业安全",
}

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=600)]
Article = int | Annotated[str, StringConstraints(pattern=r"^\d+之[一二三四五六七八九十]+$")]


class _Authored(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RegulationCard(_Authored):
    """One clause, or one tight group of clauses, in our own words.

    `article` is None only where the source's numbering is not known for sure (then `status` is not `verified`).
    `formerly` maps an older version of the law to the number this clause had there.
    `own_numbers` lists numbers in summary, do or dont that are ours and not the law's, each with its reason.
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
    quote: Annotated[str, StringConstraints(max_length=40)] = ""
    applies_when: Line
    do: tuple[Line, ...] = Field(min_length=1)
    dont: tuple[Line, ...] = Field(min_length=1)
    questions: tuple[Line, ...] = Field(min_length=5)
    not_questions: tuple[Line, ...] = ()
    tags: tuple[str, ...] = ()
    own_numbers: dict[str, str] = {}
    source: Line
    reviewed_on: date


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
    happened: Annotated[str, StringConstraints(strip_whitespace=True, min_length=80, max_length=900)]
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
    answer: Annotated[str, StringConstraints(strip_whitespace=True, min_length=20, max_length=600)]
    steps: tuple[Line, ...] = ()
    cards: tuple[Id, ...] = Field(min_length=1)
    own_numbers: dict[str, str] = {}
    reviewed_on: date
