"""The games of attention: played in the page, scored here, kept for the player alone."""

from __future__ import annotations

import secrets
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from bot.console.pages import Pages
from bot.console.visitors import Visitors
from bot.desks.building import Learning
from bot.learning.awareness.games import FEWEST, GAMES, MOST, Trial, compared, score
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
    """GET /games; POST /games/run from its script."""
    router = APIRouter()

    def earlier(learner: str, game: str) -> list[float]:
        runs = [one for one in learning.records.store.of(learner, kinds=["game.played"]) if one.ref == game]
        return [float(one.details["median_ms"]) for one in runs if one.details.get("median_ms")][-KEPT:]

    @router.get("/games")
    def games(request: Request) -> Response:
        learner = visitors.of(request).learner
        return pages.render(
            "games.html.j2", request, games=GAMES, runs={game: earlier(learner, game) for game in GAMES}
        )

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
