"""The one ASGI application: pages, HTTP doors, and Rasa's action endpoint."""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import prometheus_client
import structlog
from fastapi import APIRouter, FastAPI, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, PlainTextResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.types import Message as ASGIMessage

from actions import build_executor
from bot.channels.chat.links import Links
from bot.channels.platforms import Platforms
from bot.channels.web.actions_endpoint import build_actions_endpoint
from bot.channels.web.api import build_api
from bot.channels.web.citation_page import build_citation_page
from bot.channels.web.sessions import Sessions
from bot.console.awareness import build_awareness_pages
from bot.console.certificates import build_certificate_pages
from bot.console.contests import build_contest_pages
from bot.console.curricula import build_curricula_pages
from bot.console.curricula_team import build_team_page
from bot.console.drills import build_drill_pages
from bot.console.games import build_games_pages
from bot.console.hazards import build_hazards_pages
from bot.console.map import build_map_page
from bot.console.pages import HERE as CONSOLE
from bot.console.pages import Pages
from bot.console.points import build_points_pages
from bot.console.quiz import build_quiz_pages
from bot.console.rotation import build_rotation_pages
from bot.console.speeches import build_speech_pages
from bot.console.visitors import Refused, Visitors
from bot.desks.daily_round import keep_making
from bot.desks.hazards_watch import keep_watching
from bot.errors import AnxunError, BadInput
from bot.services import Services, build_services
from bot.settings import Settings

STATIC = Path(__file__).parent / "static"
CONSOLE_STATIC = CONSOLE / "static"
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'"
)

log = structlog.get_logger()
REQUESTS = prometheus_client.Histogram(
    "anxun_http_seconds",
    "HTTP request time",
    ["method", "route", "status"],
    buckets=(0.01, 0.05, 0.1, 0.25, 0.5, 1, 5),
)


def create_app(settings: Settings | None = None, services: Services | None = None) -> FastAPI:
    """The application; raises AnxunError when knowledge, index or database cannot be used."""
    settings = settings or Settings.read()
    if not settings.is_loopback and not settings.api_token:
        raise BadInput(
            f"ANXUN_HOST={settings.host} 会让别的机器访问，但没有设令牌。",
            "请设 ANXUN_API_TOKEN，或改回 127.0.0.1。",
        )
    services = services or build_services(settings)

    sessions = Sessions(settings)
    links = Links(sessions.secret, settings.public, services.shared)
    platforms = Platforms(settings, services, links)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        await platforms.start()
        learning = services.learning
        daily = asyncio.create_task(keep_making(learning.daily, learning.clock, learning.zone))
        watch = asyncio.create_task(keep_watching(learning.hazards.office, learning.clock))
        yield
        daily.cancel()
        watch.cancel()
        await platforms.stop()
        await services.close()

    app = FastAPI(
        title="安训",
        version="0.1.0",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    app.include_router(build_api(services, sessions))
    app.include_router(build_citation_page(services, links, sessions))
    for router in platforms.routers:
        app.include_router(router)
    _add_console(app, services, sessions, settings)
    app.include_router(
        build_actions_endpoint(build_executor(services), os.environ.get("ANXUN_RASA_TOKEN", ""))
    )
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _add_health(app, services)
    _add_errors(app)
    app.add_middleware(Guard)
    if settings.is_loopback:
        hosts = ["127.0.0.1", "localhost", "[::1]", "testserver"]
        if public := urlsplit(settings.public_url).hostname:
            hosts.append(public)  # a proxy on this machine passes on the name the platforms call
        app.add_middleware(TrustedHostMiddleware, allowed_hosts=hosts)

    @app.get("/", include_in_schema=False)
    def page() -> FileResponse:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    return app


def _add_console(app: FastAPI, services: Services, sessions: Sessions, settings: Settings) -> None:
    """The pages of the learning system, one router a part."""
    learning = services.learning
    visitors = Visitors(sessions, learning, settings.api_token)
    pages = Pages(visitors)
    routers: list[APIRouter] = [
        build_map_page(learning, visitors, pages),
        build_awareness_pages(learning, visitors, pages),
        build_games_pages(learning, visitors, pages),
        build_speech_pages(learning, visitors, pages),
        build_drill_pages(learning, visitors, pages),
        build_contest_pages(learning, visitors, pages),
        build_quiz_pages(learning, visitors, pages, settings.knowledge / "quizzes" / "pictures"),
        build_hazards_pages(learning, visitors, pages),
        build_points_pages(learning, visitors, pages),
        build_rotation_pages(learning, visitors, pages),
        build_curricula_pages(learning, visitors, pages),
        build_team_page(learning, visitors, pages),
        build_certificate_pages(learning, visitors, pages, settings.public),
    ]
    for router in routers:
        app.include_router(router, include_in_schema=False)
    app.mount("/console/static", StaticFiles(directory=CONSOLE_STATIC), name="console-static")

    @app.exception_handler(Refused)
    async def refused_page(request: Request, error: Refused) -> Response:
        return await run_in_threadpool(pages.refuse, request, error)


def _add_health(app: FastAPI, services: Services) -> None:
    @app.get("/healthz", summary="进程活着")
    def healthz() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/readyz", summary="能回答了；带 warm=1 时先走一遍全程")
    async def readyz(warm: bool = False) -> JSONResponse:
        waiting = await services.not_ready()
        if not waiting and warm:
            await services.warm_up(f"warm-{secrets.token_hex(8)}")
        return JSONResponse({"ready": not waiting, "waiting_for": waiting}, 503 if waiting else 200)

    @app.get("/metrics", include_in_schema=False)
    def metrics() -> PlainTextResponse:
        return PlainTextResponse(
            prometheus_client.generate_latest(), media_type=prometheus_client.CONTENT_TYPE_LATEST
        )


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(AnxunError)
    async def ours(_request: Request, error: AnxunError) -> JSONResponse:
        status = 422 if isinstance(error, BadInput) else 503
        return JSONResponse({"error": error.message, "remedy": error.remedy}, status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        where = "、".join(
            dict.fromkeys(".".join(str(p) for p in e["loc"][1:]) or "请求体" for e in error.errors())
        )
        return JSONResponse({"error": f"请求里的 {where} 不对。", "remedy": "对照 /openapi.json 改正。"}, 422)

    @app.exception_handler(HTTPException)
    async def refused(_request: Request, error: HTTPException) -> JSONResponse:
        detail = (
            error.detail if isinstance(error.detail, dict) else {"error": str(error.detail), "remedy": ""}
        )
        return JSONResponse(detail, error.status_code)

    @app.exception_handler(Exception)
    async def unexpected(request: Request, error: Exception) -> JSONResponse:
        log.error("http.failed", route=request.url.path, error=type(error).__name__)
        return JSONResponse(
            {"error": "出了意外，您的话没有丢。", "remedy": "请再试一次；一直这样请联系管理员。"}, 500
        )


class Guard:
    """Headers for every answer, and how long it took; plain ASGI, as a wrapper of requests would cost a buzzer half of
    what it has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.perf_counter()

        async def guarded(message: ASGIMessage) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "other")
                took = time.perf_counter() - began
                REQUESTS.labels(scope["method"], route, message["status"]).observe(took)
                headers = MutableHeaders(scope=message)
                headers.setdefault("Content-Security-Policy", _CSP)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self._app(scope, receive, guarded)
