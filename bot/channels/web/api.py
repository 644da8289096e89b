"""The HTTP doors: ask, score, converse, history, sources. Each checks who calls, then calls services."""

from __future__ import annotations

from datetime import UTC
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from bot.channels.web.sessions import Sessions
from bot.messages import Message
from bot.services import Services

_Text = Annotated[str, StringConstraints(max_length=20_000)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=70, pattern=r"^[\w.:@-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class AskBody(_Body):
    """With a `conversation` the question may follow on the last ones; without, it stands alone."""

    question: _Text
    conversation: _Name | None = None


class EarlierTurn(_Body):
    customer: _Text
    reply: _Text


class ScoreBody(_Body):
    customer: _Text
    reply: _Text
    history: list[EarlierTurn] = Field(default=[], max_length=60)
    persona: str | None = None
    facts: dict[str, Any] = {}


class ConverseBody(_Body):
    """`speaker` is the name of who says it, where several people share one conversation (a group practice)."""

    conversation: _Name = "browser"
    text: _Text
    message_id: _Name
    speaker: Annotated[str, StringConstraints(max_length=20)] = ""


class ConverseAnswer(BaseModel):
    messages: list[Message]


def build_api(services: Services, sessions: Sessions) -> APIRouter:
    """The router below /api/v1."""
    api = APIRouter(prefix="/api/v1")

    @api.post("/ask", summary="问一个问题")
    def ask(body: AskBody, request: Request) -> dict[str, Any]:
        sessions.require_anyone(request)
        if body.conversation is None:
            return services.ask(body.question)
        return services.ask(body.question, sessions.conversation(request, body.conversation))

    @api.post("/score", summary="给一句回复打分")
    def score(body: ScoreBody, request: Request) -> dict[str, Any]:
        sessions.require_anyone(request)
        return services.score(body.model_dump())

    @api.post("/converse", summary="说一句话，拿到机器人的回复")
    async def converse(body: ConverseBody, request: Request) -> ConverseAnswer:
        conversation = sessions.conversation(request, body.conversation)
        message = await services.converse(conversation, body.text, body.message_id, body.speaker)
        return ConverseAnswer(messages=[message])

    @api.get("/session", summary="网页会话")
    def session(request: Request, response: Response) -> dict[str, Any]:
        conversation = sessions.begin(request, response)
        return {"conversation": conversation, "active_practice": services.is_practising(conversation)}

    @api.post("/notices", summary="有没有给您的消息；取走一次，以后在本会话里看得到")
    def notices(request: Request) -> ConverseAnswer:
        conversation = sessions.of_browser(request)
        return ConverseAnswer(messages=services.take_notices(conversation) if conversation else [])

    @api.get("/history", summary="本会话说过的话")
    def history(
        request: Request,
        conversation: Annotated[str, Query(max_length=70)] = "browser",
        before: int | None = None,
    ) -> dict[str, Any]:
        rows = services.history(sessions.conversation(request, conversation), before)
        entries: list[dict[str, Any]] = []
        for row in rows:
            at = row.created_at.replace(tzinfo=row.created_at.tzinfo or UTC).isoformat()
            if row.text or not row.answer:  # a notice came without being asked for
                entries.append(
                    {"role": "user", "text": row.text, "at": at, "message_id": row.message_id, "id": row.id}
                )
            if row.answer:
                entries.append({"role": "bot", "message": row.answer, "at": at, "id": row.id})
        return {"entries": entries, "next_before": rows[0].id if len(rows) == services.HISTORY_PAGE else None}

    @api.get("/sources/{source_id}", summary="一张卡片、案例、问答的全文，或单位文件里的一段")
    def source(source_id: str, request: Request) -> dict[str, Any]:
        sessions.require_anyone(request)
        found = services.source(source_id)
        if found is None:
            raise HTTPException(404, {"error": "没有这条资料。", "remedy": "它可能已被改名，请重新提问。"})
        return found

    @api.get("/sources/{source_id}/page", summary="引用的那一页，标出引用处", response_class=Response)
    def source_page(
        source_id: str, request: Request, page: Annotated[int | None, Query(ge=1)] = None
    ) -> Response:
        sessions.require_anyone(request)
        picture = services.source_page(source_id, page)
        if picture is None:
            raise HTTPException(404, {"error": "这条资料没有页面图。", "remedy": "请看文字。"})
        return Response(picture, media_type="image/png", headers={"Cache-Control": "private, no-store"})

    return api
