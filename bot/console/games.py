"""The games of attention: played in the page, scored here, kept for the player alone."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from bot.console.hazards_form import Form, read_form
from bot.console.pages import Pages
from bot.console.visitors import Refused, Visitors
from bot.content.awareness import WorkOrder
from bot.desks.building import Learning
from bot.learning.awareness.games import FEWEST, GAMES, MOST, Trial, compare_order, compared, score
from bot.learning.events import Event

KEPT = 10
Press = Annotated[str, Field(max_length=8)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class TrialBody(_Body):
    wanted: Press
    pressed: Press
    ms: float | None = Field(default=None, ge=0, le=5000)
    conflict: bool = False


class RunBody(_Body):
    game: Literal["go", "word"]
    trials: list[TrialBody] = Field(min_length=FEWEST, max_length=MOST)


def build_games_pages(learning: Learning, visitors: Visitors, pages: Pages) -> APIRouter:
    """GET /games, /games/order/<id>; POST both, the first as /games/run from its script."""
    router = APIRouter()

    def earlier(learner: str, game: str) -> list[float]:
        runs = [one for one in learning.records.store.of(learner, kinds=["game.played"]) if one.ref == game]
        return [float(one.details["median_ms"]) for one in runs if one.details.get("median_ms")][-KEPT:]

    @router.get("/games")
    def games(request: Request) -> Response:
        learner = visitors.of(request).learner
        return pages.render(
            "games.html.j2", request, games=GAMES, runs={game: earlier(learner, game) for game in GAMES},
            orders=[(one, last_found(learner, one)) for one in learning.games.values()],
        )  # fmt: skip

    def last_found(learner: str, order: WorkOrder) -> float | None:
        """How much of it was found last time, 0..1; None when it was never played."""
        runs = learning.records.store.of(learner, kinds=["game.played"])
        return next((one.value for one in reversed(runs) if one.ref == order.id), None)

    def order_of(name: str) -> WorkOrder:
        if name not in learning.games:
            raise Refused(404, "没有这张单子。", "打开 /games 看有哪些。")
        return learning.games[name]

    @router.get("/games/order/{name}")
    def order(name: str, request: Request) -> Response:
        return pages.render(
            "games_order.html.j2", request, order=order_of(name), marked=None, found=None, source=source
        )

    @router.post("/games/order/{name}")
    async def judge(name: str, request: Request) -> Response:
        """What was found, missed and wrongly suspected, each with its source."""
        visitors.same_origin(request)
        form = await read_form(request)
        return await run_in_threadpool(_judge, request, order_of(name), form)

    def _judge(request: Request, order: WorkOrder, form: Form) -> Response:
        marked = {int(one) for one in form.all("line") if one.isdecimal() and int(one) < len(order.lines)}
        found = compare_order(order, marked)
        details = {"hits": found.hits, "missed": found.missed, "false": found.false}
        learning.records.publish(
            Event(
                f"game:{secrets.token_hex(12)}", "game.played", visitors.of(request).learner, learning.clock(), order.topic,
                order.id, found.share, details,
            )
        )  # fmt: skip
        return pages.render(
            "games_order.html.j2", request, order=order, marked=marked, found=found, source=source
        )

    def source(card: str) -> str:
        cited = learning.cite(card)
        if cited is None:
            return ""
        return f"{f'《{cited.law}》' if cited.law else ''}{cited.title}（{cited.status_label}）"

    @router.post("/games/run")
    def run(body: RunBody, request: Request) -> dict[str, object]:
        """What the run came to, beside one's own last ones."""
        visitors.same_origin(request)
        learner = visitors.of(request).learner
        found = score([Trial(one.wanted, one.pressed, one.ms, one.conflict) for one in body.trials])
        before = earlier(learner, body.game)
        details = {"median_ms": found.median_ms, "missed": found.missed, "false": found.false}
        learning.records.publish(
            Event(
                f"game:{secrets.token_hex(12)}", "game.played", learner, learning.clock(), "work_safety", body.game,
                found.accuracy, details,
            )
        )  # fmt: skip
        return {
            "accuracy": round(100 * found.accuracy), "median_ms": found.median_ms and round(found.median_ms),
            "cost_ms": found.cost_ms and round(found.cost_ms), "missed": found.missed, "false": found.false,
            "beside": compared(found.median_ms, before),
        }  # fmt: skip

    return router
